import Connections
import Sharding

/// A range as a server's own table `chard.tenant_ranges` has it.
package struct KnownRange: Sendable, Hashable {
    package let range: TenantRange
    /// `owned`, `fenced`, `arriving`, or `moved`: to `owner`.
    package let state: String
    package let owner: String

    static func all(on pool: PostgresPool) async throws -> [KnownRange] {
        try await pool.query("SELECT first, last, state, owner FROM chard.tenant_ranges ORDER BY first").map {
            KnownRange(
                range: TenantRange(clamping: try $0.int("first"), try $0.int("last")),
                state: try $0.text("state"),
                owner: try $0.text("owner")
            )
        }
    }
}
