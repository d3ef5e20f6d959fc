import Connections
import Foundation
import TenantStore
import Testing

/// What hand-written SQL can do as the role the workers have, on a server whose URL names a superuser.
@Suite(.enabled(if: TestShards.isThere, "CHARD_TEST_POSTGRES_1 and _2 are not set; `make test` sets them"))
struct TenantIsolationTests {
    private static func tenant(_ tenant: Int) -> PostgresStatement {
        PostgresStatement("SELECT set_config('chard.tenant_id', $1, true)", [.text("\(tenant)")])
    }

    private func withTwoTenants(_ body: (TestShards) async throws -> Void) async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                _ = try await rows.insert(.numbered(0..<5), tenant: 1, task: "one")
                _ = try await rows.insert(.numbered(0..<3), tenant: 2, task: "two")
            }
            try await body(shards)
        }
    }

    @Test func anotherTenantsRowsAreNotFound() async throws {
        let queries: [(sql: String, rows: Int)] = [
            ("SELECT * FROM agent_data", 5), ("SELECT * FROM agent_data WHERE tenant_id = 2", 0),
            ("SELECT * FROM agent_data WHERE tenant_id = 2 OR true", 5),
            ("DELETE FROM agent_data WHERE tenant_id = 2 RETURNING id", 0),
            ("SELECT * FROM chard.task_writes WHERE tenant_id = 2", 0), ("SELECT * FROM chard.task_writes", 1),
        ]
        try await withTwoTenants { shards in
            for query in queries {
                let statement = PostgresStatement(query.sql)
                let found = try await shards.sql("a", Self.tenant(1), statement, role: "chard_tenant")[1]
                #expect(found.count == query.rows, "\(query.sql)")
            }
            let left = try await shards.count(2, on: "a")
            #expect(left == 3)
        }
    }

    @Test func withoutATenantThereIsNothing() async throws {
        try await withTwoTenants { shards in
            let found = try await shards.sql("a", "SELECT * FROM agent_data", role: "chard_tenant")[0]
            #expect(found.isEmpty)
            await #expect(throws: PostgresError.self) {
                try await shards.sql("a", "DELETE FROM agent_data", role: "chard_tenant")
            }
            #expect(try await shards.count(1, on: "a") == 5)
        }
    }

    @Test func whatIsNotGrantedIsRefused() async throws {
        let statements = [
            "INSERT INTO agent_data (agent_id, data, tenant_id) VALUES (gen_random_uuid(), '1', 2)",
            "INSERT INTO chard.agent_data_0_999 (agent_id, data, tenant_id) VALUES (gen_random_uuid(), '1', 2)",
            "SELECT * FROM chard.agent_data_0_999", "DELETE FROM chard.agent_data_0_999",
            "UPDATE agent_data SET tenant_id = 1", "UPDATE chard.agent_data_0_999 SET tenant_id = 1",
            "TRUNCATE agent_data", "ALTER TABLE agent_data DISABLE ROW LEVEL SECURITY",
            "DROP TABLE chard.agent_data_0_999",
            "SELECT chard.make_partition(5, 5)", "UPDATE chard.tenant_ranges SET owner = 'x'",
            "SELECT chard.move_out(gen_random_uuid(), 1, 2, 'a', 'b')", "DELETE FROM chard.deletions",
        ]
        try await withTwoTenants { shards in
            for sql in statements {
                do {
                    _ = try await shards.sql("a", Self.tenant(1), PostgresStatement(sql), role: "chard_tenant")
                    Issue.record("was carried out: \(sql)")
                } catch let error as PostgresError {
                    #expect(error.sqlState == "42501", "\(sql)")
                }
            }
        }
    }
}
