public import OrderedCollections

extension AMQPTable {
    /// Appends `map` as a table: its 4-byte length, then its entries in order.
    ///
    /// - Throws: `AMQPFormatError` if a name is longer than 255 bytes, or nesting deeper than 32.
    public static func encode(_ map: CeleryMap, into bytes: inout [UInt8]) throws(AMQPFormatError) {
        try encode(map, into: &bytes, depth: 0)
    }

    /// Appends one entry: name, type letter, value.
    ///
    /// Numbers follow py-amqp: `I` while |n| ≤ 2³¹−1, else `L`. What AMQP has no type for (dates, decimals, UUIDs,
    /// integers beyond 64 bits) goes as its text.
    static func encodeEntry(
        _ name: String,
        _ value: CeleryValue,
        into bytes: inout [UInt8],
        depth: Int = 0
    ) throws(AMQPFormatError) {
        try encodeName(name, into: &bytes)
        try encodeValue(value, into: &bytes, depth: depth)
    }

    /// Appends a text entry.
    static func encodeEntry(_ name: String, text: String?, into bytes: inout [UInt8]) throws(AMQPFormatError) {
        try encodeName(name, into: &bytes)
        guard let text else { return bytes.append(UInt8(ascii: "V")) }
        appendText(text.utf8, into: &bytes)
    }

    private static func encodeName(_ name: String, into bytes: inout [UInt8]) throws(AMQPFormatError) {
        guard let length = UInt8(exactly: name.utf8.count) else {
            throw AMQPFormatError("the header name '\(name.prefix(40))…' is longer than AMQP's 255 bytes; shorten it")
        }
        bytes.append(length)
        bytes.append(contentsOf: name.utf8)
    }

    private static func encode(_ map: CeleryMap, into bytes: inout [UInt8], depth: Int) throws(AMQPFormatError) {
        let position = openBlock(&bytes)
        for (name, value) in map {
            try encodeEntry(name, value, into: &bytes, depth: depth)
        }
        try closeBlock(&bytes, position)
    }

    private static func encodeValue(_ value: CeleryValue, into bytes: inout [UInt8], depth: Int) throws(AMQPFormatError)
    {
        guard depth <= AMQPFieldValue.maxDepth else {
            throw AMQPFormatError("a header is nested deeper than \(AMQPFieldValue.maxDepth)")
        }
        switch value {
        case .null: bytes.append(UInt8(ascii: "V"))
        case .bool(let bool): bytes += [UInt8(ascii: "t"), bool ? 1 : 0]
        case .int(let number): appendInteger(number, into: &bytes)
        case .double(let number):
            bytes.append(UInt8(ascii: "d"))
            BigEndian.append(number.bitPattern, to: &bytes)
        case .string(let text), .bigInt(let text), .datetime(let text), .date(let text), .time(let text),
            .decimal(let text), .uuid(let text):
            appendText(text.utf8, into: &bytes)
        case .bytes(let data): appendText(data, into: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "A"))
            let position = openBlock(&bytes)
            for item in items {
                try encodeValue(item, into: &bytes, depth: depth + 1)
            }
            try closeBlock(&bytes, position)
        case .map(let map):
            bytes.append(UInt8(ascii: "F"))
            try encode(map, into: &bytes, depth: depth + 1)
        }
    }

    private static func appendInteger(_ number: Int, into bytes: inout [UInt8]) {
        if number.magnitude <= 2_147_483_647 {
            bytes.append(UInt8(ascii: "I"))
            BigEndian.append(Int32(truncatingIfNeeded: number), to: &bytes)
        } else {
            bytes.append(UInt8(ascii: "L"))
            BigEndian.append(Int64(number), to: &bytes)
        }
    }

    private static func appendText(_ text: some Collection<UInt8>, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "S"))
        BigEndian.append(UInt32(clamping: text.count), to: &bytes)
        bytes.append(contentsOf: text)
    }

    /// Leaves room for a block's length.
    static func openBlock(_ bytes: inout [UInt8]) -> Int {
        bytes += [0, 0, 0, 0]
        return bytes.count
    }

    /// Writes the length of the block that `openBlock` began.
    static func closeBlock(_ bytes: inout [UInt8], _ start: Int) throws(AMQPFormatError) {
        guard let length = UInt32(exactly: bytes.count - start) else {
            throw AMQPFormatError("the headers are larger than AMQP's 4 GiB")
        }
        BigEndian.patch(length, at: start - 4, in: &bytes)
    }
}
