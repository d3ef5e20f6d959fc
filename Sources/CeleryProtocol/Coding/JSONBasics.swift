/// Writes the JSON text of basic types directly.
enum JSONBasics {
    /// Appends the text of a basic type; false, with nothing written, for a type that has to encode itself.
    @inline(__always)
    static func append<T: Encodable>(_ value: T, to bytes: inout [UInt8]) throws -> Bool {
        if T.self == Int.self, let value = value as? Int {
            JSONWriter.append(value, to: &bytes)
        } else if T.self == String.self, let value = value as? String {
            JSONWriter.append(value, to: &bytes)
        } else if T.self == Double.self, let value = value as? Double {
            JSONWriter.append(value, to: &bytes)
        } else if T.self == Bool.self, let value = value as? Bool {
            JSONWriter.append(value, to: &bytes)
        } else {
            return try appendOther(value, to: &bytes)
        }
        return true
    }

    private static func appendOther<T: Encodable>(_ value: T, to bytes: inout [UInt8]) throws -> Bool {
        if T.self == [Int].self, let values = value as? [Int] {
            append(values, to: &bytes) { JSONWriter.append($0, to: &$1) }
            return true
        }
        if T.self == [String].self, let values = value as? [String] {
            append(values, to: &bytes) { JSONWriter.append($0, to: &$1) }
            return true
        }
        if T.self == [Double].self, let values = value as? [Double] {
            append(values, to: &bytes) { JSONWriter.append($0, to: &$1) }
            return true
        }
        guard let basic = try Boxing.basic(value, .root) else { return false }
        JSONWriter.write(basic, into: &bytes)
        return true
    }

    @inline(__always)
    private static func append<E>(_ values: [E], to bytes: inout [UInt8], _ element: (E, inout [UInt8]) -> Void) {
        bytes.append(ASCII.openBracket)
        var first = true
        for value in values {
            if !first { JSONWriter.separate(&bytes) }
            first = false
            element(value, &bytes)
        }
        bytes.append(ASCII.closeBracket)
    }
}
