import Connections
import Foundation
import Sharding

/// Some rows on their way from one server to the other.
struct MoveBatch: Sendable {
    /// A row with all its columns.
    struct Row: Sendable {
        let id: Int
        let tenant: Int
        let agent: UUID
        let data: [UInt8]
        /// Microseconds since 2000.
        let created: Int64
        let task: [UInt8]?
    }

    let rows: [Row]
    /// Of the data.
    let bytes: Int

    var last: Row? { rows.last }

    /// The next rows of a partition in the order of tenant and id, after the cursor.
    ///
    /// - Parameter isShort: There are few above the progress's `settled`: they are looked up by their ids and sorted. A
    ///   long round reads them in the order of the primary key instead.
    static func read(
        from partition: String,
        of range: TenantRange,
        _ progress: MoveProgress,
        _ limit: Int,
        _ pool: PostgresPool,
        isShort: Bool = false
    ) async throws -> MoveBatch {
        let answer = try await pool.query(
            """
            WITH round AS \(isShort ? "MATERIALIZED" : "NOT MATERIALIZED") (
                SELECT * FROM \(partition) WHERE tenant_id BETWEEN $1 AND $2 AND id > $5 AND id <= $6
            )
            SELECT id, tenant_id, agent_id, data, \(PostgresTime.microseconds(of: "created_at")) AS created, task_id
            FROM round WHERE (tenant_id, id) > ($3, $4) ORDER BY tenant_id, id LIMIT $7
            """,
            [
                .int(range.first), .int(range.last), .int(progress.cursorTenant), .int(progress.cursorID),
                .int(progress.settled), .int(progress.watermark), .int(limit),
            ]
        )
        var bytes = 0
        let rows = try answer.map { row in
            guard let agent = UUID(uuidString: try row.text("agent_id")) else {
                throw PostgresError(.invalid, "agent_id is not a UUID")
            }
            let data = try row.bytes("data")
            bytes += data.count
            return Row(
                id: try row.int("id"),
                tenant: try row.int("tenant_id"),
                agent: agent,
                data: data,
                created: Int64(try row.int("created")),
                task: try row.nullableBytes("task_id")
            )
        }
        return MoveBatch(rows: rows, bytes: bytes)
    }

    static func copyStatement(into partition: String) -> String {
        "COPY \(partition) (id, tenant_id, agent_id, data, created_at, task_id) FROM STDIN (FORMAT binary)"
    }

    static func encoded(_ rows: ArraySlice<Row>) -> [UInt8] {
        var copy = BinaryCopy()
        for row in rows {
            copy.beginRow(columns: 6)
            copy.add(Int64(row.id))
            copy.add(Int32(row.tenant))
            copy.add(row.agent)
            copy.add(json: row.data)
            copy.add(row.created)
            if let task = row.task { copy.add(utf8: task) } else { copy.addNull() }
        }
        copy.end()
        return copy.bytes
    }
}
