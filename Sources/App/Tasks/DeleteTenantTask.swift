import CeleryWorker
import TenantStore

/// `data.processing.delete_tenant(tenant_id)` deletes everything of a tenant, everywhere, and returns `{"tenant_id",
/// "rows", "collections": {name: points}}`: what was there. Done again, it finds nothing.
struct DeleteTenantTask: CeleryTask {
    typealias Output = CeleryValue

    static let name = "data.processing.delete_tenant"

    var tenantID: Int

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
    }

    func run(_ stores: Stores, _ context: TaskContext) async throws -> CeleryValue {
        try await context.attempt {
            var deleted: CeleryMap = [:]
            if let vectors = stores.vectorsIfConfigured {
                let prefix = TenantCollection.prefix(of: tenantID)
                for collection in try await vectors.collections() where collection.name.hasPrefix(prefix) {
                    let count = try await vectors.count(collection.name)
                    guard try await vectors.deleteCollection(collection.name) else { continue }
                    deleted[String(collection.name.dropFirst(prefix.count))] = .int(count)
                }
            }
            let rows = try await stores.rows(of: context).delete(tenant: tenantID)
            return ["tenant_id": .int(tenantID), "rows": .int(rows), "collections": .map(deleted)]
        }
    }
}
