extension JSONValue: CustomStringConvertible {
    /// Short text for tables: `text`, `5`, `true`, `[a, b]`, `{k: v}`.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value.isEmpty ? "\"\"" : value
        case .array(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .object(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}

extension [String: JSONValue] {
    /// `k=v, k=v` in the order of the keys; `-` when empty.
    public var summary: String {
        isEmpty ? "-" : sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }
}
