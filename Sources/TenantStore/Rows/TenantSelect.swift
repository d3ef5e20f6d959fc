import Connections
import Foundation

/// A query for a tenant's rows, of conditions that are known here and values that are not part of the SQL.
struct TenantSelect {
    private let limit: Int
    private var conditions = ["tenant_id = $1"]
    private var values: [PostgresValue]

    init(tenant: Int, limit: Int) {
        self.limit = limit
        values = [.int(tenant)]
    }

    /// - Parameter condition: SQL with one `?` where the value belongs.
    mutating func add(_ condition: String, _ value: PostgresValue) {
        values.append(value)
        conditions.append(condition.replacing("?", with: "$\(values.count)"))
    }

    /// `may_read` sees what the query sees: a tenant that has moved is an error, never an empty page.
    var statement: PostgresStatement {
        PostgresStatement(
            """
            SELECT id, agent_id, data, \(PostgresTime.microseconds(of: "created_at")) AS created
            FROM public.agent_data
            WHERE chard.may_read($1) AND \(conditions.joined(separator: " AND "))
            ORDER BY id LIMIT $\(values.count + 1)
            """,
            values + [.int(limit)]
        )
    }

    static func rows(_ rows: PostgresRows, _ tenant: Int) throws -> [TenantRow] {
        try rows.map { row in
            guard let agent = UUID(uuidString: try row.text("agent_id")) else {
                throw PostgresError(.invalid, "agent_id is not a UUID")
            }
            return TenantRow(
                id: Int64(try row.int("id")),
                agentID: agent,
                tenantID: tenant,
                data: try row.text("data"),
                createdAt: PostgresTime.date(microseconds: try row.int("created"))
            )
        }
    }
}
