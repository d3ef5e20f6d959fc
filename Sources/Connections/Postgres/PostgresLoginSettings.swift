/// What libpq is told to connect (PostgreSQL manual, §34.1.2).
struct PostgresLoginSettings {
    let url: PostgresURL
    let options: PostgresPoolOptions

    /// - Parameter addresses: What the host's name stands for; empty for a unix socket.
    func list(addresses: [String]) -> [(name: String, value: String)] {
        var list = [("port", "\(url.port)"), ("sslmode", url.sslMode.rawValue), ("client_encoding", "UTF8")]
        list.append(("application_name", url.applicationName ?? "chard"))
        if addresses.isEmpty {
            list.append(("host", url.host))
        } else {
            // One host for each address: libpq tries them in turn, and checks certificates against the name.
            list.append(("host", addresses.map { _ in url.host }.joined(separator: ",")))
            list.append(("hostaddr", addresses.joined(separator: ",")))
        }
        let optional = [
            ("user", url.user), ("password", url.password), ("dbname", url.database),
            ("sslrootcert", url.sslRootCertificate), ("sslcert", url.sslCertificate), ("sslkey", url.sslKey),
        ]
        for (name, value) in optional {
            if let value { list.append((name, value)) }
        }
        // Kerberos would wait for its own servers.
        list.append(("gssencmode", "disable"))
        list += [("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3")]
        list.append(("tcp_user_timeout", "20000"))
        if !options.settings.isEmpty { list.append(("options", serverOptions)) }
        return list
    }

    private var serverOptions: String {
        options.settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\(escape($0.value))" }.joined(separator: " ")
    }

    /// The server splits at spaces that have no backslash before them.
    private func escape(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            if character.isWhitespace || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }
}
