/// An endpoint after name resolution: what a socket connects to.
enum RedisAddress: Sendable, Hashable {
    case tcp(ip: String, port: Int)
    case unix(path: String)
}

extension RedisURL {
    /// Where the server is, for people: without user and password.
    var endpointDescription: String {
        switch endpoint {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
