import Connections
import Foundation
import Sharding
import TenantStore
import Testing

@Suite(
    .enabled(if: TestShards.isThere, "CHARD_TEST_POSTGRES_1 and _2 are not set; `make test` sets them"),
    .enabled(if: PrivatePostgres.isInstalled, "PostgreSQL is not installed in /usr/lib/postgresql")
)
struct ServerLossTests {
    @Test func tenantsOfAKilledServerWaitAndComeBackWhileOthersGoOn() async throws {
        try await TestShards.with { shards in
            let server = try await PrivatePostgres()
            var servers = shards.layout.servers
            servers.append(.init(name: "c", url: server.url, tenants: [try TenantRange(30_000, 30_999)]))
            var layout = try TenantLayout(servers: servers)
            layout.patience = .seconds(30)
            _ = try await ShardSetup(layout, logger: TestShards.logger).run()
            let rows = TenantRows(layout, pool: "loss", logger: TestShards.logger)
            let (lost, others) = (RowLedger(), RowLedger())
            let writers = Task {
                async let first: Void = lost.run(rows, tenants: [30_000, 30_500], writers: 3)
                async let second: Void = others.run(rows, tenants: [5, 15_000], writers: 2)
                _ = await (first, second)
            }
            try await lost.waitForMore(20)
            try await server.kill()
            let before = await lost.count
            // The others' writes go on while the server is down.
            try await others.waitForMore(50)
            #expect(await lost.count <= before + 3)
            try await server.start()
            try await lost.waitForMore(20)
            await lost.stop()
            await others.stop()
            await writers.value
            for ledger in [lost, others] {
                #expect(await ledger.failures == [])
                for (tenant, written) in await ledger.written {
                    let numbers = try await rows.numbers(of: tenant)
                    #expect(numbers.count == written.count && Set(numbers) == written, "tenant \(tenant)")
                }
            }
            await rows.close()
            await server.remove()
        }
    }

    @Test func whoWaitedLongEnoughHearsWhichServerIsAway() async throws {
        try await TestShards.with { shards in
            var url = shards.layout.servers[0].url
            url.port = 1
            var layout = try TenantLayout(servers: [.init(name: "gone", url: url, tenants: [try TenantRange(1, 9)])])
            layout.patience = .milliseconds(300)
            let rows = TenantRows(layout, pool: "loss", logger: TestShards.logger)
            do {
                _ = try await rows.query(tenant: 1, limit: 1)
                Issue.record("a server answered on port 1")
            } catch TenantError.unavailable(let server, _) {
                #expect(server == "gone")
            }
            await rows.close()
        }
    }

    @Test func aReplicaThatIsAwayIsNotNeeded() async throws {
        try await TestShards.with { shards in
            var gone = shards.layout.servers[0].url
            gone.port = 1
            var server = shards.layout.servers[0]
            server.replicas = [gone]
            let rows = TenantRows(try TenantLayout(servers: [server]), pool: "loss", logger: TestShards.logger)
            _ = try await rows.insert(.numbered(0..<2), tenant: 1, task: "t")
            #expect(try await rows.query(tenant: 1, limit: 5).count == 2)
            await rows.close()
        }
    }
}
