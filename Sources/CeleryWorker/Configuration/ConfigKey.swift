/// The name of one setting inside its section.
public struct ConfigKey: Sendable, Hashable {
    /// As written in queues.yaml.
    public let name: String
    /// What it means, with type, unit, default and range.
    public let summary: String
    /// The environment variable, where it is not made from the path (``ConfigKeys/environmentName(of:)``).
    public let environment: String?
    /// A single value, which an environment variable can carry; sections and maps are not.
    public let isScalar: Bool

    package init(_ name: String, _ summary: String, environment: String? = nil, isScalar: Bool = true) {
        self.name = name
        self.summary = summary
        self.environment = environment
        self.isScalar = isScalar
    }
}
