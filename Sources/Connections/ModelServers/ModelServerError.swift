/// Why a model server gave no answer.
package enum ModelServerError: Error, Sendable, Hashable {
    /// It does not have the model.
    case unknownModel(String)
    /// It says that the request is wrong: trying elsewhere, or again, would end the same way.
    case refused(status: Int, message: String)
    /// It does not let us in: its key is missing or wrong.
    case unauthorized(status: Int)
    /// It answered that it failed, or that it has too much to do.
    case failed(status: Int, message: String)
    /// Nothing came for too long, or not all in time.
    case timedOut(after: Duration)
    /// No connection, or one that broke before the end of the answer.
    case unreachable(String)
    /// What came is no answer of such a server.
    case garbage(String)
}

extension ModelServerError {
    /// Whether it says something about the server's health.
    package var countsAgainstServer: Bool {
        switch self {
        case .unknownModel, .refused: false
        case .unauthorized, .failed, .timedOut, .unreachable, .garbage: true
        }
    }
}

extension ModelServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownModel(let name): "it has no model \"\(name)\""
        case .refused(let status, let message): "it refused the request (\(status)): \(message)"
        case .unauthorized(let status): "it does not accept the key (\(status)); check api_key of the instance"
        case .failed(let status, let message): "it answered \(status): \(message)"
        case .timedOut(let limit): "it did not answer within \(limit.inSeconds) s"
        case .unreachable(let reason): "it can't be reached: \(reason)"
        case .garbage(let reason): "its answer makes no sense: \(reason)"
        }
    }
}
