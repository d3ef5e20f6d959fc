import CeleryWorker
import Foundation
import TenantStore

/// `data.processing.query(tenant_id, agent_id=None, contains=None, since=None, until=None, after=None, limit=100)`
/// returns `{"tenant_id", "rows", "next"}`: rows of a tenant in the order of their ids.
///
/// `contains` is JSON that `data` must contain (`jsonb @>`), `since` and `until` (exclusive) bound `created_at`, `after` is
/// the id after which to begin: the `next` of the page before, which is null on the last one.
struct QueryTask: CeleryTask {
    typealias Output = CeleryValue

    static let name = "data.processing.query"
    static let maxLimit = 10_000

    var tenantID: Int
    var agentID: String?
    var contains: CeleryValue?
    var since: String?
    var until: String?
    var after: Int64?
    var limit: Int?

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case agentID = "agent_id"
        case contains
        case since
        case until
        case after
        case limit
    }

    func run(_ stores: Stores, _ context: TaskContext) async throws -> CeleryValue {
        let limit = limit ?? 100
        guard (1...Self.maxLimit).contains(limit) else {
            throw ExceptionRecord.valueError("limit must be from 1 to \(Self.maxLimit), not \(limit)")
        }
        let agent = try AgentArgument.id(agentID)
        let contained = contains.flatMap { $0.isNull ? nil : String(decoding: JSONWriter.bytes($0), as: UTF8.self) }
        let (since, until) = (try Moment.argument(since, "since"), try Moment.argument(until, "until"))
        let rows = try await context.attempt {
            try await stores.rows(of: context).query(
                tenant: tenantID,
                agent: agent,
                containing: contained,
                since: since,
                until: until,
                after: after,
                limit: limit
            )
        }
        let next = rows.count == limit ? rows.last.map { CeleryValue.int(Int($0.id)) } : nil
        return [
            "tenant_id": .int(tenantID), "rows": .array(try rows.map(Self.value)), "next": next ?? .null,
        ]
    }

    private static func value(_ row: TenantRow) throws -> CeleryValue {
        [
            "id": .int(Int(row.id)), "agent_id": .string(row.agentID.uuidString.lowercased()),
            "data": try JSONParser.parse(Array(row.data.utf8)), "created_at": .string(Moment.text(row.createdAt)),
        ]
    }
}
