import CeleryWorker
import TenantStore

/// `data.processing.ingest(tenant_id, rows)` writes rows for a tenant, all or none, and returns `{"tenant_id", "inserted"}`.
///
/// A row is `{"agent_id": "<uuid>", "data": <any JSON>, "created_at": "<ISO 8601>"}`, the last one optional. A task that
/// is delivered again writes nothing twice: `inserted` is then 0.
struct IngestTask: CeleryTask {
    typealias Output = Summary

    static let name = "data.processing.ingest"
    static let maxRows = 100_000

    var tenantID: Int
    var rows: [CeleryValue]

    struct Summary: Codable, Sendable {
        var tenantID: Int
        var inserted: Int

        private enum CodingKeys: String, CodingKey {
            case tenantID = "tenant_id"
            case inserted
        }
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case rows
    }

    func run(_ stores: Stores, _ context: TaskContext) async throws -> Summary {
        guard rows.count <= Self.maxRows else {
            throw ExceptionRecord.valueError("\(rows.count) rows are too many for one task; at most \(Self.maxRows)")
        }
        let rows = try rows.enumerated().map { try RowArgument($1, at: $0).row }
        let inserted = try await context.attempt {
            try await stores.rows(of: context).insert(rows, tenant: tenantID, task: context.id)
        }
        return Summary(tenantID: tenantID, inserted: inserted)
    }
}
