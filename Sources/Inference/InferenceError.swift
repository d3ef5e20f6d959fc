/// Why there is no answer. The description is one line for the person who asked.
package enum InferenceError: Error, Sendable, Hashable {
    /// The settings name no instance.
    case noInstances
    /// No instance has the model, or the settings do not allow it. `known`: which there are.
    case unknownModel(String, known: [String])
    /// The request can't be right: its options, its messages, its size.
    case invalid(String)
    /// An instance found the request wrong.
    case refused(instance: String, message: String)
    /// Every instance that has the model failed or is given up for a while; another try may succeed.
    case unavailable(model: String, reason: String, retryAfter: Duration?)
}

extension InferenceError {
    /// Whether the same request may succeed later.
    package var isRetriable: Bool {
        if case .unavailable = self { true } else { false }
    }
}

extension InferenceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noInstances:
            "no model server is configured; name one in queues.yaml: inference: {instances: [http://localhost:11434]}"
        case .unknownModel(let name, let known):
            "unknown model \"\(name)\"; "
                + (known.isEmpty ? "no instance has any" : "known are \(known.sorted().joined(separator: ", "))")
        case .invalid(let reason): reason
        case .refused(let instance, let message): "\(instance) refused the request: \(message)"
        case .unavailable(let model, let reason, _): "no instance can serve model \"\(model)\" now: \(reason)"
        }
    }
}
