import Sharding

/// Why a call about a tenant's rows failed. The description is one line for a person, without passwords.
package enum TenantError: Error, Sendable, Hashable {
    /// No server owns the tenant.
    case unknownTenant(Int)
    /// The tenant moved to a server that this process's settings don't name.
    case unknownServer(String, tenant: Int)
    /// The tenant's range is being moved, and the switch took longer than this process waits.
    case beingMoved(tenant: Int, waited: Duration)
    /// The tenant's server does not answer, and did not come back while this process waited.
    case unavailable(server: String, reason: String)
    /// The server has no tables of ours, or older ones.
    case notMigrated(server: String, reason: String)
    /// The server's tables are of a later Chard.
    case newerSchema(server: String, found: Int, known: Int)
    /// `data` of a row, or the filter of a query, is not what `jsonb` takes. `row` counts from 0.
    case malformedJSON(row: Int?, reason: String)
    /// The server refused the values for another reason, such as their size.
    case rejected(reason: String)
    /// Two servers' own records contradict each other or the settings.
    case conflict(String)
    /// A move was stopped, and can be begun again.
    case moveFailed(TenantRange, reason: String)

    /// Whether the same call can succeed later without anybody changing it.
    package var isRetriable: Bool {
        switch self {
        case .beingMoved, .unavailable: true
        default: false
        }
    }
}

extension TenantError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownTenant(let tenant):
            "tenant \(tenant) is on no server; add its range to shards.servers and run: chard shards migrate"
        case .unknownServer(let server, let tenant):
            "tenant \(tenant) has moved to server \(server), which these settings don't name; add it to shards.servers"
        case .beingMoved(let tenant, let waited):
            "tenant \(tenant) is being moved to another server, for more than \(waited.components.seconds) s by now"
        case .unavailable(let server, let reason): "server \(server) is not available: \(reason)"
        case .notMigrated(let server, let reason):
            "server \(server) is not set up for tenants' rows (\(reason)); run: chard shards migrate"
        case .newerSchema(let server, let found, let known):
            "the schema of \(server) has version \(found), this Chard knows \(known); use a newer Chard"
        case .malformedJSON(let row, let reason):
            row.map { "data of row \($0) is not valid JSON: \(reason)" } ?? "not valid JSON: \(reason)"
        case .rejected(let reason): "PostgreSQL refused the values: \(reason)"
        case .conflict(let reason): reason
        case .moveFailed(let range, let reason):
            "tenants \(range) were not moved: \(reason); run the same command again to go on"
        }
    }
}
