import CeleryWorker
import Foundation
import Sharding
import TenantStore

/// `data.processing.index(tenant_id, collection, documents, model=None, agent_id=None)` embeds documents, keeps their
/// vectors in the tenant's collection and themselves as rows of the tenant. It returns `{"tenant_id", "collection",
/// "indexed", "rows", "dimension"}`.
///
/// A document is a text, or `{"id": "…", "text": "…", "metadata": {…}}`. One without an id gets one that stays the same
/// when the task is repeated; one whose id is there already takes its place among the vectors.
struct IndexTask: CeleryTask {
    typealias Output = Summary

    static let name = "data.processing.index"
    static let maxDocuments = 1_000

    var tenantID: Int
    var collection: String
    var documents: [CeleryValue]
    var model: String?
    var agentID: String?

    struct Summary: Codable, Sendable {
        var tenantID: Int
        var collection: String
        var indexed: Int
        /// Fewer than `indexed`, namely 0, when the task ran before.
        var rows: Int
        var dimension: Int

        private enum CodingKeys: String, CodingKey {
            case tenantID = "tenant_id"
            case collection
            case indexed
            case rows
            case dimension
        }
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case collection
        case documents
        case model
        case agentID = "agent_id"
    }

    func run(_ stores: Stores, _ context: TaskContext) async throws -> Summary {
        guard (1...Self.maxDocuments).contains(documents.count) else {
            throw ExceptionRecord.valueError("give 1 to \(Self.maxDocuments) documents, not \(documents.count)")
        }
        let name = try TenantCollection.name(collection, of: tenantID)
        let agent = try AgentArgument.id(agentID) ?? Self.noAgent
        let documents = try documents.enumerated().map { try DocumentArgument($1, at: $0, task: context.id) }
        return try await context.attempt {
            let rows = try stores.rows(of: context)
            // Before anything is written: nobody would find the vectors of a tenant that no server owns.
            guard rows.layout.map.entry(of: tenantID) != nil else { throw TenantError.unknownTenant(tenantID) }
            let vectors = try await stores.embed(documents.map(\.text), model: model)
            let points = zip(documents, vectors).map { document, vector in
                VectorPoint(id: document.id, vector: vector, document: document.text, metadata: document.metadata)
            }
            // Vectors first: writing them again does no harm, and a row says that its document can be found.
            try await stores.vectors().upsert(points, into: name)
            let count = try await rows.insert(
                documents.map { NewTenantRow(agentID: agent, data: $0.row(in: collection)) },
                tenant: tenantID,
                task: context.id
            )
            return Summary(
                tenantID: tenantID,
                collection: collection,
                indexed: points.count,
                rows: count,
                dimension: vectors.first?.count ?? 0
            )
        }
    }

    /// Rows must name an agent; documents that come from none have this one.
    private static let noAgent = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
