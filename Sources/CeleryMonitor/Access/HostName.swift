import NIOCore

/// What a `Host` header or a URL names, without its port.
enum HostName {
    /// The host of `host:port`, `[::1]:port`; in small letters, without brackets.
    static func host(of authority: String) -> String {
        let text = authority.lowercased()
        if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
        return String(text.prefix { $0 != ":" })
    }

    static func isAddress(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }

    /// Whether it leads to this machine and nowhere else.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.hasPrefix("[") ? Self.host(of: host) : host.lowercased()
        return host == "localhost" || host == "::1" || host.hasPrefix("127.") && isAddress(host)
    }
}
