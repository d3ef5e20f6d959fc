/// Where RabbitMQ's management API is and who we are to it: `http://user:password@host:15672`.
///
/// Defaults: `guest`/`guest`, port 15672 (http) or 15671 (https). A path in front of `/api` is kept, for brokers behind
/// a proxy. `description` masks the password.
public struct ManagementURL: Sendable, Hashable, CustomStringConvertible {
    public var tls: Bool
    public var host: String
    public var port: Int
    public var user: String
    public var password: String
    /// Without slashes at either end; empty when the API stands at the root.
    public var basePath: String

    public init(
        tls: Bool = false,
        host: String = "localhost",
        port: Int? = nil,
        user: String = "guest",
        password: String = "guest",
        basePath: String = ""
    ) {
        self.tls = tls
        self.host = host
        self.port = port ?? (tls ? 15671 : 15672)
        self.user = user
        self.password = password
        self.basePath = basePath
    }

    /// Reads one URL. Throws `ConnectionURLError`, whose text never holds the password.
    public init(_ text: String) throws(ConnectionURLError) {
        let parts = try URLParts(text)
        guard parts.scheme == "http" || parts.scheme == "https" else {
            throw ConnectionURLError(
                url: text,
                reason: "the management API speaks http:// or https://, e.g. http://guest:guest@localhost:15672"
            )
        }
        guard let host = parts.host else {
            throw ConnectionURLError(url: text, reason: "no host; write http://user:password@host:15672")
        }
        var path = parts.path.drop { $0 == "/" }
        while path.last == "/" { path.removeLast() }
        if path == "api" || path.hasSuffix("/api") { path = path.dropLast(3) }
        while path.last == "/" { path.removeLast() }
        self.init(
            tls: parts.scheme == "https",
            host: host,
            port: parts.port,
            user: parts.user ?? "guest",
            password: parts.password ?? "guest",
            basePath: String(path)
        )
    }

    public var description: String {
        let path = basePath.isEmpty ? "" : "/" + URLParts.encode(basePath, keeping: "/")
        return "\(tls ? "https" : "http")://\(URLParts.encode(user)):**@\(URLParts.bracketed(host)):\(port)\(path)"
    }

    /// Without user and password, for requests that carry those in a header.
    var root: String {
        let path = basePath.isEmpty ? "" : "/" + URLParts.encode(basePath, keeping: "/")
        return "\(tls ? "https" : "http")://\(URLParts.bracketed(host)):\(port)\(path)/api"
    }
}
