/// Where a vector store is: `chroma://host:port/tenant/database` or `qdrant://host:port`.
///
/// Defaults: ports 8000 (Chroma) and 6333 (Qdrant), tenant `default_tenant`, database `default_database`.
/// `chroma+https` and `qdrant+https` speak TLS. A path of Qdrant's is kept, for servers behind a proxy. A key stands in a
/// setting of its own, so the URL has no secrets; a password in it is refused.
package struct VectorStoreURL: Sendable, Hashable, CustomStringConvertible {
    package enum Engine: String, Sendable, Hashable {
        case chroma, qdrant
    }

    package let engine: Engine
    package let tls: Bool
    package let host: String
    package let port: Int
    /// Without slashes at either end.
    package let path: [String]

    /// Reads one URL. Throws `ConnectionURLError`.
    package init(_ text: String) throws(ConnectionURLError) {
        let parts = try URLParts(text)
        let scheme = parts.scheme.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard let engine = Engine(rawValue: scheme[0]), scheme.count == 1 || scheme.dropFirst() == ["https"] else {
            throw ConnectionURLError(
                url: text,
                reason: "a vector store is chroma://host:port, qdrant://host:port, or one of these with +https"
            )
        }
        guard parts.user == nil, parts.password == nil else {
            throw ConnectionURLError(url: text, reason: "a key is not part of the URL; set api_key beside it")
        }
        self.engine = engine
        tls = scheme.count == 2
        host = parts.host ?? "localhost"
        port = parts.port ?? (engine == .chroma ? 8000 : 6333)
        path = parts.path.split(separator: "/").map(String.init)
        guard engine == .qdrant || path.isEmpty || path.count == 2 else {
            throw ConnectionURLError(url: text, reason: "the path must be /tenant/database, or nothing")
        }
    }

    package var description: String {
        let path = path.map { "/" + URLParts.encode($0) }.joined()
        return "\(engine)\(tls ? "+https" : "")://\(URLParts.bracketed(host)):\(port)\(path)"
    }

    var root: String { "\(tls ? "https" : "http")://\(URLParts.bracketed(host)):\(port)" }
}
