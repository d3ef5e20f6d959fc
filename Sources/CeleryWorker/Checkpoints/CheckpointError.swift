/// A checkpoint that cannot be stored or read.
public enum CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Bytes, and how many are allowed.
    case tooLarge(Int, limit: Int)
    /// The task was started again elsewhere; that run's checkpoints count.
    case superseded
    /// There is no Redis to keep it.
    case notAvailable(String)
    /// What is stored is not what was written.
    case unreadable(String)

    public var description: String {
        switch self {
        case .tooLarge(let size, let limit):
            "the checkpoint has \(size) bytes, and checkpoint_limit allows \(limit)"
        case .superseded: "the task was started again elsewhere, and that run's checkpoints count"
        case .notAvailable(let reason): "checkpoints cannot be stored: \(reason)"
        case .unreadable(let reason): "the last checkpoint cannot be read: \(reason)"
        }
    }
}
