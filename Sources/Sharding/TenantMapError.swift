/// A range of tenants, or a map of them, that can't be used.
package enum TenantMapError: Error, Sendable, Hashable {
    case malformed(String)
    case outOfRange(tenant: Int)
    case backwards(first: Int, last: Int)
    /// Two servers, or one server twice, name the same tenants.
    case overlap(TenantRange, of: String, and: TenantRange, ofOther: String)
}

extension TenantMapError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let text): "\"\(text)\" is not a range of tenants; write 1..99999, or one tenant's number"
        case .outOfRange(let tenant): "tenant \(tenant) is out of range; tenants are numbers from 0 to \(Int32.max)"
        case .backwards(let first, let last):
            "the range \(first)..\(last) runs backwards; write \(last)..\(first)"
        case .overlap(let range, let server, let other, let otherServer):
            server == otherServer
                ? "server \(server) names tenants twice: \(range) and \(other)"
                : "servers \(server) and \(otherServer) both own tenants: \(range) and \(other)"
        }
    }
}
