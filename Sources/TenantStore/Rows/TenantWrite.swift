import Connections
import Foundation

/// One write of a task: its rows and the claim that it happens once, in one transaction.
///
/// The claim is a row whose key is tenant and task. A second write waits until the first has ended, then finds the
/// claim; of a first that was killed nothing is left, and the second goes on.
struct TenantWrite: Sendable {
    let rows: [NewTenantRow]
    let tenant: Int
    let task: String

    static func setTenant(_ tenant: Int) -> PostgresStatement {
        PostgresStatement("SELECT set_config('chard.tenant_id', $1, true)", [.text("\(tenant)")])
    }

    /// In one round trip, through the parent table and row-level security.
    func insert(into pool: PostgresPool) async throws -> Int {
        let statement = PostgresStatement(
            """
            WITH claim AS (
                INSERT INTO chard.task_writes (task_id, row_count) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1
            )
            INSERT INTO public.agent_data (agent_id, data, created_at, task_id)
            SELECT r.agent_id, r.data, coalesce(\(PostgresTime.timestamp("r.created")), now()), $1
            FROM unnest($3::uuid[], $4::jsonb[], $5::bigint[]) WITH ORDINALITY AS r (agent_id, data, created, place)
            WHERE EXISTS (SELECT FROM claim) ORDER BY r.place
            """,
            [
                .text(task), .int(rows.count),
                .text("{" + rows.map(\.agentID.uuidString).joined(separator: ",") + "}"),
                .text(Self.arrayLiteral(rows.lazy.map(\.data))),
                .text(
                    "{"
                        + rows.map { $0.createdAt.map { "\(PostgresTime.since2000($0))" } ?? "NULL" }.joined(
                            separator: ","
                        ) + "}"
                ),
            ]
        )
        return try await pool.pipeline([Self.setTenant(tenant), statement])[1].affected
    }

    /// By COPY straight into the partition, which takes no other tenant than the transaction's.
    func copy(into partition: String, on pool: PostgresPool) async throws -> Int {
        try await pool.transaction { connection in
            let claim = PostgresStatement(
                "INSERT INTO chard.task_writes (task_id, row_count) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
                [.text(task), .int(rows.count)]
            )
            guard try await !connection.pipeline([Self.setTenant(tenant), claim])[1].isEmpty else { return 0 }
            let copy = NewRowsCopy(rows, task: task)
            let sql = "COPY \(partition) (\(copy.columns)) FROM STDIN (FORMAT binary)"
            return try await connection.copyIn(sql, from: copy)
        }
    }

    /// How many rows the write of this id had.
    func written(on pool: PostgresPool) async throws -> Int {
        let answers = try await pool.pipeline([
            Self.setTenant(tenant),
            PostgresStatement("SELECT row_count FROM chard.task_writes WHERE task_id = $1", [.text(task)]),
        ])
        return try answers[1].first?.int("row_count") ?? 0
    }

    /// An array in PostgreSQL's syntax, each element quoted.
    static func arrayLiteral(_ elements: some Sequence<String>) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for element in elements {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
