import Connections
import Foundation
import Logging
import Sharding
import TenantStore

/// Databases of one test's own on the two PostgreSQL servers of `make test`: `a` has tenants 1..9999, `b` 10000..19999.
struct TestShards: Sendable {
    static let environment = ProcessInfo.processInfo.environment
    static let urls = ["CHARD_TEST_POSTGRES_1", "CHARD_TEST_POSTGRES_2"].compactMap { environment[$0] }
    static let isThere = urls.count == 2
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let layout: TenantLayout

    /// Two fresh databases, set up unless told otherwise; they are dropped after `body`.
    static func with(
        width: Int = 1_000,
        patience: Duration = .seconds(15),
        isSetUp: Bool = true,
        _ body: (TestShards) async throws -> Void
    ) async throws {
        let name = "t_\(UUID().uuidString.prefix(8).lowercased())"
        let servers = try urls.map { try PostgresURL($0) }
        for url in servers { try await admin(url, "CREATE DATABASE \(name)") }
        var failure: (any Error)?
        do {
            let shards = try TestShards(servers, database: name, width: width, patience: patience)
            if isSetUp { _ = try await ShardSetup(shards.layout, logger: logger).run() }
            try await body(shards)
        } catch {
            failure = error
        }
        for url in servers { try? await admin(url, "DROP DATABASE \(name) WITH (FORCE)") }
        if let failure { throw failure }
    }

    init(_ urls: [PostgresURL], database: String, width: Int, patience: Duration) throws {
        var urls = urls
        for index in urls.indices { urls[index].database = database }
        var layout = try TenantLayout(servers: [
            .init(name: "a", url: urls[0], tenants: [TenantRange(1, 9_999)]),
            .init(name: "b", url: urls[1], tenants: [TenantRange(10_000, 19_999)]),
        ])
        layout.partitionWidth = width
        layout.patience = patience
        self.layout = layout
    }

    /// A client as a worker has one; closed after `body`.
    func rows<Result>(_ body: (TenantRows) async throws -> Result) async throws -> Result {
        let rows = TenantRows(layout, pool: "test", logger: Self.logger)
        do {
            let result = try await body(rows)
            await rows.close()
            return result
        } catch {
            await rows.close()
            throw error
        }
    }

    /// Runs SQL by hand on a server, as the superuser or as another role.
    func sql(_ server: String, _ statements: PostgresStatement..., role: String? = nil) async throws -> [PostgresRows] {
        let options = PostgresPoolOptions(size: 1, settings: role.map { ["role": $0] } ?? [:])
        let pool = PostgresPool(layout.server(named: server)!.url, options: options, logger: Self.logger)
        do {
            let rows = try await pool.pipeline(statements)
            await pool.close()
            return rows
        } catch {
            await pool.close()
            throw error
        }
    }

    /// How many rows of a tenant a server has, read past row-level security.
    func count(_ tenant: Int, on server: String) async throws -> Int {
        let sql = PostgresStatement("SELECT count(*) AS n FROM public.agent_data WHERE tenant_id = $1", [.int(tenant)])
        return try await self.sql(server, sql)[0][0].int("n")
    }

    private static func admin(_ url: PostgresURL, _ sql: String) async throws {
        let pool = PostgresPool(url, options: .init(size: 1), logger: logger)
        defer { Task { await pool.close() } }
        try await pool.withConnection { try await $0.script(sql) }
    }
}

extension [NewTenantRow] {
    /// So many rows whose data are `{"n": 0}`, `{"n": 1}`, ….
    static func numbered(_ numbers: Range<Int>, agent: UUID = UUID()) -> [NewTenantRow] {
        numbers.map { NewTenantRow(agentID: agent, data: "{\"n\":\($0)}") }
    }
}
