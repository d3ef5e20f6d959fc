/// How to speak TLS to a server: whom to trust and who we are.
///
/// Paths name PEM files. The defaults verify the server against the system's certificate authorities.
public struct TLSSettings: Sendable, Hashable {
    /// Certificate authorities to trust; nil: the system's.
    public var authorityPath: String?
    /// Our own certificate, for servers that ask for one; needs `keyPath` as well.
    public var certificatePath: String?
    public var keyPath: String?
    /// Whether the server's certificate must be signed by a trusted authority.
    public var verifiesPeer: Bool
    /// Whether the server's certificate must name the host of the URL.
    public var verifiesHostname: Bool

    public init(
        authorityPath: String? = nil,
        certificatePath: String? = nil,
        keyPath: String? = nil,
        verifiesPeer: Bool = true,
        verifiesHostname: Bool = true
    ) {
        self.authorityPath = authorityPath
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.verifiesPeer = verifiesPeer
        self.verifiesHostname = verifiesHostname
    }
}
