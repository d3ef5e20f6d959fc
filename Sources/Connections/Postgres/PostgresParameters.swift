/// The parameters of one statement in the form in which libpq wants them, in one piece of memory.
///
/// Made on the caller's thread, so that the thread of the connections has less to do.
struct PostgresParameters: Sendable {
    /// What the protocol can count (PostgreSQL manual, §55.7, "Bind").
    private static let limit = 65_535
    static let textFormat: Int32 = 0
    static let binaryFormat: Int32 = 1

    /// The values one after the other, each text with a NUL at its end.
    private(set) var data: [UInt8] = []
    /// Where each value begins; -1 for NULL.
    private(set) var offsets: [Int] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []
    private(set) var hasBytes = false

    var count: Int { offsets.count }
    /// The types that the server need not infer; 0 leaves it to the server.
    var types: [UInt32] { formats.map { $0 == Self.binaryFormat ? PostgresType.bytea : 0 } }

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.limit else {
            throw PostgresError(.invalid, "a statement has \(values.count) parameters; PostgreSQL takes \(Self.limit)")
        }
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        formats.reserveCapacity(values.count)
        for value in values { try append(value) }
    }

    private mutating func append(_ value: PostgresValue) throws(PostgresError) {
        switch value {
        case .null: note(offset: -1, format: Self.textFormat)
        case .text(let text): try append(text)
        case .int(let number): try append(String(number))
        case .double(let number): try append(Self.text(of: number))
        case .bool(let flag): try append(flag ? "t" : "f")
        case .bytes(let bytes):
            hasBytes = true
            let start = data.count
            data += bytes
            note(offset: start, format: Self.binaryFormat)
        }
    }

    private mutating func append(_ text: String) throws(PostgresError) {
        let start = data.count
        data += text.utf8
        guard !data[start...].contains(0) else {
            throw PostgresError(
                .invalid,
                "parameter $\(count + 1) holds U+0000, which PostgreSQL can't store in a text"
            )
        }
        note(offset: start, format: Self.textFormat)
        data.append(0)
    }

    private mutating func note(offset: Int, format: Int32) {
        offsets.append(offset)
        lengths.append(offset < 0 ? 0 : Int32(clamping: data.count - offset))
        formats.append(format)
    }

    private static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return "\(number)"
    }
}
