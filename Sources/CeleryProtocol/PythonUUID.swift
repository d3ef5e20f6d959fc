/// The textual forms of a UUID that Python's `uuid.UUID` accepts.
enum PythonUUID {
    /// The 32 lower-case digits of a UUID written with or without hyphens, braces and `urn:uuid:`.
    static func hex(_ text: String) -> String? {
        guard text.utf8.count <= 64 else { return nil }
        var digits = text.lowercased()
        for prefix in ["urn:", "uuid:"] where digits.hasPrefix(prefix) { digits.removeFirst(prefix.count) }
        digits.removeAll { $0 == "-" || $0 == "{" || $0 == "}" }
        guard digits.utf8.count == 32, digits.utf8.allSatisfy({ ASCII.hexValue($0) != nil }) else { return nil }
        return digits
    }

    /// `8-4-4-4-12`, as Python's `str(UUID)` prints it; other text unchanged.
    static func hyphenated(_ hex: String) -> String {
        let digits = Array(hex.utf8)
        guard digits.count == 32 else { return hex }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }
}
