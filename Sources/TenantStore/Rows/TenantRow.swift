import Foundation

/// A row as it is stored. `id` rises with each insert of a tenant, also when the tenant moves to another server.
package struct TenantRow: Sendable, Hashable {
    package let id: Int64
    package let agentID: UUID
    package let tenantID: Int
    /// JSON text as `jsonb` shows it: keys once, without insignificant space.
    package let data: String
    package let createdAt: Date
}
