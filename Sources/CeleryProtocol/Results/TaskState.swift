/// What has become of a task, as stored in its result (`celery/states.py`).
public enum TaskState: Sendable, Hashable {
    /// Nothing is known of the task.
    case pending
    /// A worker has received the message; only in events.
    case received
    /// A worker has begun to run it; only with `task_track_started`.
    case started
    case success
    case failure
    /// It failed and will be tried again.
    case retry
    case revoked
    /// The message was rejected; only in events.
    case rejected
    case ignored
    /// A state of the application's own, such as `PROGRESS` or `ABORTED`.
    case custom(String)

    public static let progress = TaskState.custom("PROGRESS")
    public static let aborted = TaskState.custom("ABORTED")

    /// Whether the state is final: SUCCESS, FAILURE or REVOKED.
    public var isReady: Bool {
        switch self {
        case .success, .failure, .revoked: true
        default: false
        }
    }

    /// Whether the stored result is an exception: RETRY, FAILURE or REVOKED.
    public var isException: Bool {
        switch self {
        case .retry, .failure, .revoked: true
        default: false
        }
    }

    /// Whether a waiting client is to raise the stored exception: FAILURE or REVOKED.
    public var isPropagated: Bool { self == .failure || self == .revoked }

    /// Python's `precedence`: the lower, the more it says. States of the application's own stand between FAILURE and
    /// REVOKED.
    public var precedence: Int {
        switch self {
        case .success: 0
        case .failure: 1
        case .custom, .ignored: 2
        case .revoked: 3
        case .started: 4
        case .received: 5
        case .rejected: 6
        case .retry: 7
        case .pending: 8
        }
    }
}

extension TaskState: RawRepresentable, CustomStringConvertible {
    public init(rawValue: String) {
        switch rawValue {
        case "PENDING": self = .pending
        case "RECEIVED": self = .received
        case "STARTED": self = .started
        case "SUCCESS": self = .success
        case "FAILURE": self = .failure
        case "RETRY": self = .retry
        case "REVOKED": self = .revoked
        case "REJECTED": self = .rejected
        case "IGNORED": self = .ignored
        default: self = .custom(rawValue)
        }
    }

    /// The name on the wire.
    public var rawValue: String {
        switch self {
        case .pending: "PENDING"
        case .received: "RECEIVED"
        case .started: "STARTED"
        case .success: "SUCCESS"
        case .failure: "FAILURE"
        case .retry: "RETRY"
        case .revoked: "REVOKED"
        case .rejected: "REJECTED"
        case .ignored: "IGNORED"
        case .custom(let name): name
        }
    }

    public var description: String { rawValue }
}
