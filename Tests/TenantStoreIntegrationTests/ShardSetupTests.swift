import Connections
import Foundation
import Sharding
import TenantStore
import Testing

@Suite(.enabled(if: TestShards.isThere, "CHARD_TEST_POSTGRES_1 and _2 are not set; `make test` sets them"))
struct ShardSetupTests {
    @Test func manyMayMigrateAtOnceAndAgain() async throws {
        try await TestShards.with(isSetUp: false) { shards in
            let steps = try await withThrowingTaskGroup(of: [ShardSetup.Step].self) { group in
                for _ in 0..<5 {
                    group.addTask { try await ShardSetup(shards.layout, logger: TestShards.logger).run() }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(steps).count == steps.count)
            #expect(steps.filter { $0.text.hasPrefix("owns") }.count == 2)
            #expect(try await ShardSetup(shards.layout, logger: TestShards.logger).run().isEmpty)
        }
    }

    @Test func aMapThatContradictsTheServersIsRefused() async throws {
        try await TestShards.with { shards in
            let (a, b) = (shards.layout.servers[0], shards.layout.servers[1])
            var greedy = b
            greedy.tenants = [try TenantRange(9_000, 19_999)]
            var modest = a
            modest.tenants = [try TenantRange(1, 8_999)]
            await #expect(throws: TenantError.self) {
                try await ShardSetup(TenantLayout(servers: [modest, greedy]), logger: TestShards.logger).run()
            }
            var renamed = a
            renamed.name = "x"
            await #expect(throws: TenantError.self) {
                try await ShardSetup(TenantLayout(servers: [renamed]), logger: TestShards.logger).run()
            }
            // A worker with the greedy map still finds the tenants where they are.
            let rows = TenantRows(try TenantLayout(servers: [modest, greedy]), pool: "t", logger: TestShards.logger)
            #expect(try await rows.insert(.numbered(0..<2), tenant: 9_500, task: "t") == 2)
            #expect(try await shards.count(9_500, on: "a") == 2)
            await rows.close()
        }
    }

    @Test func statusShowsWhatThereIs() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                _ = try await rows.insert(.numbered(0..<70), tenant: 12_345, task: "t")
            }
            var layout = shards.layout
            let found = await ShardStatus.all(of: layout, exact: true, logger: TestShards.logger)
            #expect(found.map(\.server) == ["a", "b"])
            #expect(found.allSatisfy { $0.problem == nil && $0.schemaVersion > 0 })
            #expect(found[1].partitions.map(\.rows) == [70, 0])
            #expect(found[1].partitions.allSatisfy { $0.bytes > 0 })
            #expect(found[0].ranges.map(\.state) == ["owned"])
            var url = layout.servers[0].url
            url.port = 1
            layout = try TenantLayout(servers: [.init(name: "gone", url: url, tenants: [])])
            #expect(await ShardStatus.all(of: layout, exact: false, logger: TestShards.logger)[0].problem != nil)
        }
    }
}
