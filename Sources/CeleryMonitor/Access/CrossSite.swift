import HTTPTypes
import Hummingbird

/// Tells our own pages from those of strangers, by what browsers say of a request.
struct CrossSite: Sendable {
    /// In small letters.
    let hosts: Set<String>

    /// Why the request must not change anything; nil: it may.
    ///
    /// Browsers send `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/) over TLS and at loopback, and `Origin` with
    /// every post; programs send neither.
    func problem(_ request: Request) -> String? {
        guard ![.get, .head, .options].contains(request.method) else { return nil }
        if let site = request.headers[.secFetchSite]?.lowercased() {
            return ["same-origin", "none"].contains(site) ? nil : "it comes from another site"
        }
        guard let origin = request.headers[.origin]?.lowercased() else { return nil }
        let authority = origin.split(separator: "/").last.map(String.init) ?? ""
        if authority == request.head.authority?.lowercased() || hosts.contains(HostName.host(of: authority)) {
            return nil
        }
        return "it comes from \(origin.prefix(100))"
    }

    /// Why the name by which it was asked for is none of ours; nil: it is. Without a login this is what keeps away a
    /// page whose name was made to lead here (DNS rebinding).
    func problem(ofHost authority: String?) -> String? {
        let host = HostName.host(of: authority ?? "")
        guard host != "localhost", !HostName.isAddress(host), !hosts.contains(host) else { return nil }
        return "\"\(host.prefix(100))\" is no name of this monitor; if it is one, add it to monitor.hosts"
    }

}
