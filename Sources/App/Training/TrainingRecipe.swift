import Connections

/// A program that trains a model; only what queues.yaml lists can be run.
struct TrainingRecipe: Sendable {
    var name: String
    /// Program and arguments.
    var command: [String]
    var directory: String?
    var environment: [String: String] = [:]
    /// Names of the parameters that it takes; nil: any.
    var parameters: [String]?
    var limits = ProcessLimits()
    /// How long one start of it may take.
    var timeLimit: Duration?
    var hasCheckpoints = true
    /// How long it has for its last checkpoint when the worker ends.
    var stopTime = Duration.seconds(5)
    /// Bytes of its largest output.
    var maxOutput = 16 << 20

    init(name: String, command: [String]) {
        self.name = name
        self.command = command
    }
}
