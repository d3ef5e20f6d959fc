import Connections
import Foundation
import Sharding
import TenantStore
import Testing

@Suite(.enabled(if: TestShards.isThere, "CHARD_TEST_POSTGRES_1 and _2 are not set; `make test` sets them"))
struct TenantRowsTests {
    @Test(arguments: [3, 400]) func rowsGoToTheirServerAndComeBackInPages(_ count: Int) async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                let agent = UUID()
                let moment = Date(timeIntervalSince1970: 1_700_000_000.25)
                var new = [NewTenantRow].numbered(0..<count, agent: agent)
                new[1].createdAt = moment
                #expect(try await rows.insert(new, tenant: 7, task: "t") == count)
                #expect(try await rows.insert(new, tenant: 12_345, task: "t") == count)
                #expect(try await shards.count(7, on: "a") == count)
                #expect(try await shards.count(7, on: "b") == 0)
                #expect(try await shards.count(12_345, on: "b") == count)
                var seen: [TenantRow] = []
                repeat {
                    let page = try await rows.query(tenant: 7, after: seen.last?.id, limit: 150)
                    seen += page
                    if page.count < 150 { break }
                } while true
                #expect(seen.map(\.data) == (0..<count).map { "{\"n\": \($0)}" })
                #expect(seen.map(\.id) == seen.map(\.id).sorted())
                #expect(seen[1].createdAt == moment)
                #expect(abs(seen[0].createdAt.timeIntervalSinceNow) < 60)
                #expect(seen.allSatisfy { $0.agentID == agent && $0.tenantID == 7 })
            }
        }
    }

    @Test func queriesFilter() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                let agents = [UUID(), UUID()]
                let new = (0..<10).map {
                    NewTenantRow(
                        agentID: agents[$0 % 2],
                        data: "{\"n\":\($0),\"tags\":[\"x\",\"t\($0)\"]}",
                        createdAt: Date(timeIntervalSince1970: 1_000_000 + Double($0))
                    )
                }
                _ = try await rows.insert(new, tenant: 5, task: "t")
                #expect(try await rows.query(tenant: 5, agent: agents[1], limit: 100).count == 5)
                #expect(try await rows.query(tenant: 5, containing: #"{"tags":["t3"]}"#, limit: 100).count == 1)
                let since = Date(timeIntervalSince1970: 1_000_002)
                let until = Date(timeIntervalSince1970: 1_000_004)
                #expect(try await rows.query(tenant: 5, since: since, until: until, limit: 100).count == 2)
                #expect(
                    try await rows.query(tenant: 5, agent: agents[0], containing: #"{"n":2}"#, since: since, limit: 9)
                        .count == 1
                )
                #expect(try await rows.query(tenant: 5, limit: 0).isEmpty)
                #expect(try await rows.query(tenant: 6, limit: 5).isEmpty)
            }
        }
    }

    @Test(arguments: [3, 400]) func aTaskDeliveredAgainWritesNothing(_ count: Int) async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                let new = [NewTenantRow].numbered(0..<count)
                // Both at once, as after a lost connection to the broker.
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<6 { group.addTask { try await rows.insert(new, tenant: 8, task: "same") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(counts.sorted() == [0, 0, 0, 0, 0, count])
                #expect(try await shards.count(8, on: "a") == count)
                // The same id for another tenant is another write.
                #expect(try await rows.insert(new, tenant: 9, task: "same") == count)
                #expect(try await rows.delete(tenant: 8) == count)
                #expect(try await rows.insert(new, tenant: 8, task: "same") == 0)
                #expect(try await rows.query(tenant: 8, limit: 10).isEmpty)
                #expect(try await shards.count(9, on: "a") == count)
            }
        }
    }

    @Test func sqlInAnyStringIsOnlyText() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                let evil = #"'); DROP TABLE agent_data; -- " \ $1 {} \. E'\\' ❤"#
                let json = String(decoding: try JSONEncoder().encode([evil]), as: UTF8.self)
                let few = [NewTenantRow(agentID: UUID(), data: json)]
                #expect(try await rows.insert(few, tenant: 1, task: evil) == 1)
                #expect(try await rows.insert(Array(repeating: few[0], count: 200), tenant: 1, task: evil + "2") == 200)
                #expect(try await rows.insert(few, tenant: 1, task: evil) == 0)
                let found = try await rows.query(tenant: 1, containing: json, limit: 300)
                #expect(found.count == 201)
                #expect(try JSONDecoder().decode([String].self, from: Data(found[200].data.utf8)) == [evil])
                await #expect(throws: TenantError.self) {
                    try await rows.query(tenant: 1, containing: "{}') OR true --", limit: 1)
                }
            }
        }
    }

    @Test(arguments: [5, 300]) func malformedJSONNamesItsRow(_ count: Int) async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                for bad in ["", "{", "{\"a\":\"\\u0000\"}", "a\0b", "nul"] {
                    var new = [NewTenantRow].numbered(0..<count)
                    new[count - 2].data = bad
                    do {
                        _ = try await rows.insert(new, tenant: 1, task: "t")
                        Issue.record("took \(bad)")
                    } catch TenantError.malformedJSON(let row, _) {
                        #expect(row == count - 2)
                    }
                }
                #expect(try await shards.count(1, on: "a") == 0)
                // Nothing of the failed writes is left: the same id may write now.
                #expect(try await rows.insert(.numbered(0..<count), tenant: 1, task: "t") == count)
            }
        }
    }

    @Test func whoIsUnknownIsRefused() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                for tenant in [0, 20_000, -1, Int.max] {
                    await #expect(throws: TenantError.unknownTenant(tenant)) {
                        try await rows.insert(.numbered(0..<1), tenant: tenant, task: "t")
                    }
                    await #expect(throws: TenantError.unknownTenant(tenant)) {
                        try await rows.query(tenant: tenant, limit: 1)
                    }
                }
            }
        }
    }

    @Test func aServerWithoutTablesSaysWhatToDo() async throws {
        try await TestShards.with(isSetUp: false) { shards in
            try await shards.rows { rows in
                do {
                    _ = try await rows.insert(.numbered(0..<1), tenant: 1, task: "t")
                    Issue.record("wrote without tables")
                } catch TenantError.notMigrated(let server, _) {
                    #expect(server == "a")
                }
            }
        }
    }

    @Test func aPartitionIsMadeOnceAndAheadOfNeed() async throws {
        try await TestShards.with { shards in
            try await shards.rows { one in
                try await shards.rows { other in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for index in 0..<24 {
                            let rows = index % 2 == 0 ? one : other
                            group.addTask {
                                let tenant = 1_500 + index % 3 * 1_000
                                let count = try await rows.insert(.numbered(0..<2), tenant: tenant, task: "t\(index)")
                                #expect(count == 2)
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            let found = try await shards.sql("a", "SELECT first, last FROM chard.partitions ORDER BY first")[0]
            #expect(try found.map { try $0.int("first") } == [1_000, 2_000, 3_000, 4_000])
            #expect(try found.map { try $0.int("last") } == [1_999, 2_999, 3_999, 4_999])
            for tenant in [1_500, 2_500, 3_500] { #expect(try await shards.count(tenant, on: "a") == 16) }
        }
    }

    @Test func anotherWidthFitsBetweenThePartitionsThatAreThere() async throws {
        try await TestShards.with(width: 300) { shards in
            let wide = "SELECT chard.make_partition(1500, 1000), chard.make_partition(0, 100)" as PostgresStatement
            _ = try await shards.sql("a", wide)
            try await shards.rows { (rows: TenantRows) async throws in
                for tenant in [99, 100, 950, 1_000, 2_000, 2_399] {
                    _ = try await rows.insert(.numbered(0..<1), tenant: tenant, task: "t")
                    #expect(try await shards.count(tenant, on: "a") == 1)
                }
            }
            let found = try await shards.sql("a", "SELECT first, last FROM chard.partitions ORDER BY first")[0]
            let bounds = try found.map { [try $0.int("first"), try $0.int("last")] }
            #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0[1] < $1[0] })
            #expect(bounds.contains([100, 299]) && bounds.contains([900, 999]) && bounds.contains([2_000, 2_099]))
        }
    }
}
