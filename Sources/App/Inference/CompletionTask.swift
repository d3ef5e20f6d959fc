import CeleryWorker
import Connections
import Inference

/// What the tasks that generate text have in common.
protocol CompletionTask: CeleryTask where Output == CompletionResult {
    static var isChat: Bool { get }
    /// Ollama's names: num_predict, temperature, seed, stop, …
    var options: JSONValue? { get }
    /// Whether the tokens are stored as PROGRESS while they come; default true.
    var progress: Bool? { get }
    /// Whether an answer may come from a cache, and is kept there; default true.
    var cache: Bool? { get }

    /// - Throws: `InferenceError` for arguments of the wrong kind.
    func request(options: [String: JSONValue]) throws -> ModelRequest
}

extension CompletionTask {
    func run(_ inference: InferenceTasks, _ context: TaskContext) async throws -> CompletionResult {
        let begin = MonotonicTime.now
        let request = try request(options: try optionMap())
        let ask: @Sendable (InferenceService.Listener?) async throws -> InferenceAnswer = { listener in
            try await inference.service.complete(request, usesCache: cache ?? true, onProgress: listener)
        }
        let answer = try await context.attempt {
            guard progress ?? true else { return try await ask(nil) }
            return try await TokenProgress(context: context, interval: inference.progressInterval).reporting(ask)
        }
        let total = Duration.nanoseconds(MonotonicTime.now.nanoseconds(since: begin))
        return CompletionResult(answer, isChat: Self.isChat, total: total)
    }

    private func optionMap() throws -> [String: JSONValue] {
        switch options {
        case nil, .null?: return [:]
        case .object(let map)?: return map
        default: throw InferenceError.invalid("options must be a map, such as {\"temperature\": 0}")
        }
    }
}
