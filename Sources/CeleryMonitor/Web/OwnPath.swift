import Foundation

/// Paths that we may send a browser to: our own and no others, so that no link or form of a stranger leads away.
enum OwnPath {
    /// The path with the prefix in front, when it is one of ours; else the prefix's root.
    ///
    /// - Parameter path: With or without the prefix. Refused: other schemes and hosts (`https:…`, `//host`, `/\host`,
    ///   which browsers read as `//host`), and whatever is not printable ASCII.
    static func safe(_ path: String?, prefix: String) -> String {
        guard let path, path.utf8.count <= 4096, path.hasPrefix("/"), !path.hasPrefix("//"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return "\(prefix)/" }
        let isPrefixed = prefix.isEmpty || path == prefix || path.hasPrefix("\(prefix)/")
        return isPrefixed ? path : prefix + path
    }

    /// Whether nobody on the way can read or change what is fetched there: https, or http at loopback.
    static func isSecure(_ url: String) -> Bool {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else { return false }
        return parts.scheme == "https" || parts.scheme == "http" && HostName.isLoopback(host)
    }
}
