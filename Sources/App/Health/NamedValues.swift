/// Values by their names, as a JSON object in the order in which they were added.
struct NamedValues<Value: Codable & Sendable>: Codable, Sendable {
    private(set) var all: [(name: String, value: Value)] = []

    init(_ all: [(name: String, value: Value)] = []) { self.all = all }

    /// The first one of that name.
    subscript(name: String) -> Value? { all.first { $0.name == name }?.value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        all = try container.allKeys.map { ($0.stringValue, try container.decode(Value.self, forKey: $0)) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in all { try container.encode(value, forKey: Name(stringValue: name)) }
    }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
