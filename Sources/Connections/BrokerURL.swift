/// Where a RabbitMQ broker is and who we are to it: `amqp://user:password@host:port/vhost?heartbeat=30`.
///
/// Read as Celery reads `broker_url` (`kombu/utils/url.py`, `kombu/connection.py`): schemes `amqp`, `pyamqp` and
/// `librabbitmq` are plain (port 5672), `amqps` is TLS (port 5671); user and password default to `guest`, host to
/// `localhost`; no path, `/` and `//` all mean the virtual host `/`, `/name` means `name`. Percent-encoding is undone.
/// `description` masks the password.
public struct BrokerURL: Sendable, Hashable, CustomStringConvertible {
    public var tls: Bool
    public var host: String
    public var port: Int
    public var user: String
    public var password: String
    public var virtualHost: String
    /// Seconds between AMQP heartbeats that the URL asks for; 0 switches them off, nil leaves the choice to others.
    public var heartbeat: Int?
    /// Seconds to wait for the connection, when the URL says so (`connect_timeout`).
    public var connectTimeout: Int?
    /// TLS files that the URL names by kombu's `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`, `ssl_cert_reqs`,
    /// `ssl_check_hostname`; nil when it names none.
    public var tlsSettings: TLSSettings?
    /// Names of query parameters that mean nothing here, for a warning.
    public var ignoredParameters: [String] = []

    public init(
        tls: Bool = false,
        host: String = "localhost",
        port: Int? = nil,
        user: String = "guest",
        password: String = "guest",
        virtualHost: String = "/",
        heartbeat: Int? = nil
    ) {
        self.tls = tls
        self.host = host
        self.port = port ?? (tls ? 5671 : 5672)
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
        self.heartbeat = heartbeat
    }

    /// Reads one URL. Throws `ConnectionURLError`, whose text never holds the password.
    public init(_ text: String) throws(ConnectionURLError) {
        let parts = try URLParts(text)
        let tls: Bool
        switch parts.scheme {
        case "amqp", "pyamqp", "librabbitmq": tls = false
        case "amqps", "pyamqps": tls = true
        default:
            throw ConnectionURLError(
                url: text,
                reason: "unknown scheme \"\(parts.scheme)\" for a broker; use amqp:// or amqps:// (RabbitMQ)"
            )
        }
        self.init(
            tls: tls,
            host: parts.host ?? "localhost",
            port: parts.port,
            user: parts.user ?? "guest",
            password: parts.password ?? "guest",
            virtualHost: parts.path.isEmpty ? "/" : parts.path
        )
        guard virtualHost.utf8.count <= 255 else {
            throw ConnectionURLError(url: text, reason: "the virtual host is longer than 255 bytes")
        }
        for (name, value) in parts.query {
            try read(parameter: name, value: value, of: text)
        }
    }

    /// Reads URLs separated by `;`, as Celery's `broker_url` allows. Throws for the first bad one, or when there is
    /// none.
    public static func list(_ text: String) throws(ConnectionURLError) -> [BrokerURL] {
        var urls: [BrokerURL] = []
        for piece in text.split(separator: ";") {
            let trimmed = piece.drop { $0.isWhitespace }
            guard !trimmed.isEmpty else { continue }
            let end = trimmed.lastIndex { !$0.isWhitespace } ?? trimmed.startIndex
            urls.append(try BrokerURL(String(trimmed[...end])))
        }
        guard !urls.isEmpty else {
            throw ConnectionURLError(url: text, reason: "no broker URL; write amqp://user:password@host:5672/vhost")
        }
        return urls
    }

    /// The URL with `**` for the password, as kombu's `as_uri` prints it.
    public var description: String {
        let scheme = tls ? "amqps" : "amqp"
        let vhost = URLParts.encode(virtualHost, keeping: "/")
        return "\(scheme)://\(URLParts.encode(user)):**@\(URLParts.bracketed(host)):\(port)/\(vhost)"
    }

    private mutating func read(parameter: String, value: String, of url: String) throws(ConnectionURLError) {
        switch parameter {
        case "heartbeat": heartbeat = try Self.seconds(value, of: parameter, in: 0...65535, url)
        case "connect_timeout", "connection_timeout":
            connectTimeout = try Self.seconds(value, of: parameter, in: 1...3600, url)
        case "ssl_ca_certs", "cacertfile": settings { $0.authorityPath = value }
        case "ssl_certfile", "certfile": settings { $0.certificatePath = value }
        case "ssl_keyfile", "keyfile": settings { $0.keyPath = value }
        case "ssl_check_hostname":
            let verifies = value.lowercased() != "false"
            settings { $0.verifiesHostname = verifies }
        case "ssl_cert_reqs", "verify":
            let verifies = try Self.verification(value, of: parameter, url)
            settings { $0.verifiesPeer = verifies }
        default: ignoredParameters.append(parameter)
        }
    }

    private mutating func settings(_ change: (inout TLSSettings) -> Void) {
        var settings = tlsSettings ?? TLSSettings()
        change(&settings)
        tlsSettings = settings
    }

    private static func seconds(
        _ value: String,
        of name: String,
        in range: ClosedRange<Int>,
        _ url: String
    ) throws(ConnectionURLError) -> Int {
        guard let number = Double(value), number.isFinite, let seconds = Int(exactly: number.rounded()),
            range.contains(seconds)
        else {
            throw ConnectionURLError(
                url: url,
                reason: "\(name) must be a number of seconds from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return seconds
    }

    private static func verification(_ value: String, of name: String, _ url: String) throws(ConnectionURLError) -> Bool
    {
        switch value.lowercased() {
        case "cert_required", "required", "verify_peer": return true
        case "cert_optional", "optional", "cert_none", "none", "verify_none": return false
        default:
            throw ConnectionURLError(url: url, reason: "\(name) must be CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE")
        }
    }
}
