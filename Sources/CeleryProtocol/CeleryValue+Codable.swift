import OrderedCollections

/// A task may have a property of any value. ``CeleryDecoder`` and ``CeleryEncoder`` keep every value as it is; other
/// coders see what JSON has a form for, and the text of the rest.
extension CeleryValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([CeleryValue].self) {
            self = .array(value)
        } else {
            let map = try container.decode([String: CeleryValue].self)
            self = .map(CeleryMap(uniqueKeysWithValues: map.sorted { $0.key < $1.key }))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .bytes(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .map(let map): try container.encode(Dictionary(map.map { ($0.key, $0.value) }) { $1 })
        case .string(let text), .bigInt(let text), .datetime(let text), .date(let text), .time(let text),
            .decimal(let text), .uuid(let text):
            try container.encode(text)
        }
    }
}
