import Foundation

/// A row to be written for a tenant.
package struct NewTenantRow: Sendable, Hashable {
    package var agentID: UUID
    /// A JSON text, stored as `jsonb`.
    package var data: String
    /// nil: the server's time of the insert.
    package var createdAt: Date?

    package init(agentID: UUID, data: String, createdAt: Date? = nil) {
        self.agentID = agentID
        self.data = data
        self.createdAt = createdAt
    }
}
