/// Where a PostgreSQL database is and who we are to it: `postgres://user:password@host:port/database?sslmode=require`.
///
/// Read as libpq reads it (PostgreSQL 15 manual, §34.1.1.2): schemes `postgres` and `postgresql`; default host
/// `localhost`, port 5432, user: the system's name for us, database: the user's name. A host that begins with `/` (percent-encoded,
/// or as `?host=/run/postgresql`) is the folder of a unix socket. Of the query `sslmode`, `sslrootcert`, `sslcert`,
/// `sslkey`, `application_name`, `host`, `port`, `user`, `password` and `dbname` are used. Several hosts are refused.
/// `description` masks the password.
package struct PostgresURL: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var user: String?
    package var password: String?
    package var database: String?
    package var sslMode: PostgresSSLMode = .prefer
    /// Files of PEM certificates and the key; libpq's defaults in `~/.postgresql` when not given.
    package var sslRootCertificate: String?
    package var sslCertificate: String?
    package var sslKey: String?
    package var applicationName: String?
    /// Names of query parameters that mean nothing here, for a warning.
    package var ignoredParameters: [String] = []

    package init(
        host: String = "localhost",
        port: Int = 5432,
        user: String? = nil,
        password: String? = nil,
        database: String? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads one URL. Throws `ConnectionURLError`, whose text never holds the password.
    package init(_ text: String) throws(ConnectionURLError) {
        let parts = try URLParts(text)
        guard parts.scheme == "postgres" || parts.scheme == "postgresql" else {
            throw ConnectionURLError(
                url: text,
                reason: "unknown scheme \"\(parts.scheme)\" for PostgreSQL; use postgres://user@host:5432/database"
            )
        }
        self.init(
            host: parts.host ?? "localhost",
            port: parts.port ?? 5432,
            user: parts.user,
            password: parts.password,
            database: parts.path.isEmpty ? nil : parts.path
        )
        for (name, value) in parts.query { try take(name, value, of: text) }
        guard !host.contains(",") else {
            throw ConnectionURLError(url: text, reason: "several hosts in one URL are not supported; name one server")
        }
        for part in [host, user, password, database, sslRootCertificate, sslCertificate, sslKey, applicationName] {
            guard part?.utf8.contains(0) != true else {
                throw ConnectionURLError(url: text, reason: "%00 can't be part of a PostgreSQL URL")
            }
        }
    }

    /// Whether `host` is the folder of a unix socket.
    package var isUnixSocket: Bool { host.hasPrefix("/") }

    private mutating func take(_ name: String, _ value: String, of url: String) throws(ConnectionURLError) {
        switch name {
        case "sslmode": sslMode = try Self.sslMode(value, of: url)
        case "sslrootcert": sslRootCertificate = value
        case "sslcert": sslCertificate = value
        case "sslkey": sslKey = value
        case "application_name": applicationName = value
        case "host": host = value.isEmpty ? host : value
        case "port": port = try Self.port(value, of: url)
        case "user": user = value
        case "password": password = value
        case "dbname": database = value
        default: ignoredParameters.append(name)
        }
    }

    private static func sslMode(_ text: String, of url: String) throws(ConnectionURLError) -> PostgresSSLMode {
        if let mode = PostgresSSLMode(rawValue: text) { return mode }
        let known = PostgresSSLMode.allCases.map(\.rawValue).joined(separator: ", ")
        throw ConnectionURLError(url: url, reason: "unknown sslmode \"\(text)\"; use one of \(known)")
    }

    private static func port(_ text: String, of url: String) throws(ConnectionURLError) -> Int {
        if text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text), (1...65535).contains(port) {
            return port
        }
        throw ConnectionURLError(url: url, reason: "the port must be a number from 1 to 65535")
    }
}

extension PostgresURL: CustomStringConvertible, CustomReflectable {
    /// The URL with `**` for the password.
    package var description: String {
        let secret = password == nil ? "" : ":**"
        let name = user.map { URLParts.encode($0) } ?? ""
        let userinfo = user == nil && password == nil ? "" : name + secret + "@"
        let path = database.map { "/" + URLParts.encode($0) } ?? ""
        let mode = sslMode == .prefer ? "" : "?sslmode=\(sslMode.rawValue)"
        return "postgres://\(userinfo)\(encodedHost):\(port)\(path)\(mode)"
    }

    /// Keeps the password out of `dump`, too.
    package var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    /// Where the server is, for error texts: without user and password.
    package var endpoint: String {
        isUnixSocket ? "\(host)/.s.PGSQL.\(port)" : "\(URLParts.bracketed(host)):\(port)"
    }

    private var encodedHost: String { isUnixSocket ? URLParts.encode(host) : URLParts.bracketed(host) }
}
