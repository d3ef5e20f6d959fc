/// Where a Redis server is and who we are to it.
///
/// Read as Celery reads `result_backend` (`celery/backends/redis.py` _params_from_url):
/// `redis://user:password@host:port/db`, `redis+socket:///path/to/redis.sock?virtual_host=db`, `unix:///path?db=1`.
/// Defaults: `localhost`, 6379, database 0, no password. `rediss` is refused, because Debian's hiredis has no TLS.
/// `description` masks the password.
public struct RedisURL: Sendable, Hashable, CustomStringConvertible {
    /// How to reach the server.
    public enum Endpoint: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    public var endpoint: Endpoint
    public var user: String?
    public var password: String?
    public var database: Int
    /// Names of query parameters that mean nothing here (redis-py's own), for a warning.
    public var ignoredParameters: [String] = []

    public init(endpoint: Endpoint, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads one URL. Throws `ConnectionURLError`, whose text never holds the password.
    public init(_ text: String) throws(ConnectionURLError) {
        let parts = try URLParts(text)
        var databaseText = ""
        switch parts.scheme {
        case "redis":
            endpoint = .tcp(host: parts.host ?? "localhost", port: parts.port ?? 6379)
            databaseText = parts.path
        case "redis+socket", "socket", "unix", "redis+unix":
            guard !parts.path.isEmpty, parts.host == nil else {
                throw ConnectionURLError(
                    url: text,
                    reason: "a socket's path follows three slashes; write redis+socket:///run/redis/redis.sock"
                )
            }
            endpoint = .unix(path: "/" + parts.path)
        case let scheme:
            throw ConnectionURLError(url: text, reason: Self.refusal(of: scheme))
        }
        user = parts.user
        password = parts.password
        database = 0
        for (name, value) in parts.query {
            switch name {
            case "virtual_host", "db": databaseText = databaseText.isEmpty ? value : databaseText
            case "password": password = password ?? value
            case "username": user = user ?? value
            default: ignoredParameters.append(name)
            }
        }
        database = try Self.database(databaseText, of: text)
    }

    /// The URL with `**` for the password.
    public var description: String {
        let secret = password == nil ? "" : ":**"
        let name = user.map { URLParts.encode($0) } ?? ""
        let userinfo = user == nil && password == nil ? "" : name + secret + "@"
        switch endpoint {
        case .tcp(let host, let port): return "redis://\(userinfo)\(URLParts.bracketed(host)):\(port)/\(database)"
        case .unix(let path): return "redis+socket://\(userinfo)\(path)?virtual_host=\(database)"
        }
    }

    private static func refusal(of scheme: String) -> String {
        switch scheme {
        case "rediss", "rediss+socket":
            return "Redis over TLS is not supported, because Debian's hiredis is built without it; use redis:// on a "
                + "trusted network, or redis://localhost through stunnel"
        case "sentinel", "redis+cluster", "rediscluster":
            return "\(scheme):// is not supported yet; name one Redis server by redis://host:6379/0"
        default:
            return "unknown scheme \"\(scheme)\" for a result backend; use redis://host:6379/0 or redis+socket:///path"
        }
    }

    private static func database(_ text: String, of url: String) throws(ConnectionURLError) -> Int {
        let digits = text.drop { $0 == "/" }.prefix { $0 != "/" }
        guard !digits.isEmpty else { return 0 }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number <= Int(Int32.max)
        else {
            throw ConnectionURLError(
                url: url,
                reason: "the database must be a number such as 0, as in redis://host:6379/0"
            )
        }
        return number
    }
}
