import OrderedCollections

/// How many arguments a task takes by position.
public enum ParameterCount: Sendable, Hashable {
    case exactly(Int)
    /// It reads all that it is given.
    case any

    /// Asks the type itself, by decoding it from nothing.
    public init<T: Decodable>(of type: T.Type) {
        let probe = ArgumentBinding(args: [], kwargs: [:], isProbe: true)
        _ = try? ArgumentDecoding(binding: probe).decode(type)
        self = probe.style == .list ? .any : .exactly(probe.parameters.count)
    }

    /// Whether more than one argument is left to give after `bound` of them (`celery/utils/functional.py`
    /// `arity_greater`).
    public func leavesSeveral(after bound: Int = 0) -> Bool {
        switch self {
        case .exactly(let count): count - bound > 1
        case .any: true
        }
    }
}
