extension TenantRange {
    /// Reads `1..99999` or a single tenant, `7`; spaces around a bound don't matter.
    ///
    /// Throws `TenantMapError.malformed` for anything else, or as `init(_:_:)` does.
    package init(_ text: String) throws(TenantMapError) {
        guard let dots = text.firstRange(of: "..") else {
            let tenant = try Self.number(text[...], of: text)
            self = try TenantRange(tenant, tenant)
            return
        }
        let first = try Self.number(text[..<dots.lowerBound], of: text)
        let last = try Self.number(text[dots.upperBound...], of: text)
        self = try TenantRange(first, last)
    }

    /// Reads several that are parted by commas: `1..9, 20..29`.
    package static func list(_ text: String) throws(TenantMapError) -> [TenantRange] {
        var ranges: [TenantRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            ranges.append(try TenantRange(String(part)))
        }
        return ranges
    }

    private static func number(_ part: Substring, of text: String) throws(TenantMapError) -> Int {
        let digits = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(String(digits)) else {
            throw .malformed(text)
        }
        return number
    }
}
