/// A browser's login, as its signed cookie holds it.
struct Session: Codable, Sendable, Hashable {
    /// Random.
    var id: String
    var name: String
    var role: String
    var method: String
    /// Seconds since 1970.
    var issued: Double
    /// When the cookie was last written: about the last request.
    var seen: Double

    /// Nil: it was written by a version that knew other roles.
    var identity: Identity? {
        guard let role = Role(rawValue: role), let method = Identity.Method(rawValue: method) else { return nil }
        return Identity(name: name, role: role, method: method)
    }
}
