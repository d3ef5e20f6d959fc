/// Who asks.
struct Identity: Sendable, Hashable {
    /// As the audit log shows it.
    var name: String
    var role: Role
    /// How it was proved.
    var method: Method

    enum Method: String, Sendable, Hashable {
        /// From loopback, where no access is configured.
        case loopback
        case basic, bearer, oidc
        /// Not at all.
        case none
    }

    /// Somebody without credentials.
    static let nobody = Identity(name: "nobody", role: .viewer, method: .none)
}
