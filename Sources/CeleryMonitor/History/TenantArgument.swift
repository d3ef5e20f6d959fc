/// The value of the argument `tenant_id` in what Python prints of arguments: `{'tenant_id': 'acme', 'n': 2}`.
enum TenantArgument {
    private static let keys = ["'tenant_id': ", "\"tenant_id\": ", "tenant_id="]

    static func value(in repr: String?) -> String? {
        guard let repr, repr.utf8.count < 1 << 20, let range = keys.lazy.compactMap({ repr.firstRange(of: $0) }).first
        else { return nil }
        let rest = repr[range.upperBound...]
        let value: Substring
        if let quote = rest.first, quote == "'" || quote == "\"" {
            guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
            value = rest[rest.index(after: rest.startIndex)..<end]
        } else {
            value = rest.prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
        }
        guard !value.isEmpty, value.utf8.count <= 200, value != "None" else { return nil }
        return String(value)
    }
}
