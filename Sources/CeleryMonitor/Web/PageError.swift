/// Why a page can't be shown, in words for the person who asked for it.
enum PageError: Error, Sendable, Hashable {
    /// There is no such thing. With what may be done about it.
    case notFound(String)
    case badRequest(String)
    /// A server that the page needs does not answer.
    case unavailable(String)
}
