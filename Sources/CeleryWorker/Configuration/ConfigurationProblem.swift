/// One wrong setting: where it stands, which one it is, what is wrong and what would be right.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file, the environment variable (`CHARD_WORKER_CONCURRENCY`) or the option (`--concurrency`).
    public let source: String
    /// From 1; nil when the source has no lines.
    public let line: Int?
    /// The path of the setting, e.g. `queues.inference.concurrency`; empty for the file as a whole.
    public let key: String
    public let message: String

    public init(source: String, line: Int? = nil, key: String, message: String) {
        self.source = source
        self.line = line
        self.key = key
        self.message = message
    }

    /// `queues.yaml:12: queues.inference.concurency: unknown key; did you mean "concurrency"?`
    public var description: String {
        let place = line.map { "\(source):\($0)" } ?? source
        return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}
