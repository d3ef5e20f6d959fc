import HTTPTypes
import Hummingbird

/// One method of one path: the only form in which the monitor answers anything, so that `chard monitor routes` knows
/// all of it, and nothing is reachable whose role was not thought of.
struct Endpoint: Sendable {
    var method: HTTPRequest.Method
    /// Below the prefix, in Hummingbird's form: `/tasks/:id`.
    var path: String
    /// Who may ask; nil: everybody, without credentials.
    var role: Role?
    /// The role is checked by `respond` itself, which has more to say about a refusal (actions, by `ActionRunner`).
    var checksItself = false
    var respond: @Sendable (Request, WebContext) async throws -> Response
}
