/// What can go wrong on the side of a sender or at the start of a worker.
public enum CeleryError: Error, Sendable, CustomStringConvertible {
    case noResultBackend(String)
    case timedOut(String)
    case unknownTask(String)
    case unencodable(String)
    case notRunning(String)
    /// A task should go to the partition of its agent, and which that is cannot be told.
    case noAgent(String)

    public var description: String {
        switch self {
        case .noResultBackend(let id):
            "reading the result of \(id): no result backend is configured; set result_backend.url or CELERY_RESULT_BACKEND"
        case .timedOut(let what): "\(what): not within the time allowed"
        case .unknownTask(let name): "no task \(name) is registered here"
        case .unencodable(let what): what
        case .notRunning(let what): what
        case .noAgent(let what): what
        }
    }
}
