import Connections
import Foundation
import Sharding
import TenantStore
import Testing

@Suite(.enabled(if: TestShards.isThere, "CHARD_TEST_POSTGRES_1 and _2 are not set; `make test` sets them"))
struct TenantMoveTests {
    private func move(_ range: TenantRange, to server: String, _ shards: TestShards) async throws -> TenantMoveReport {
        let move = try TenantMove(range, to: server, layout: shards.layout, logger: TestShards.logger)
        do {
            let report = try await move.run()
            await move.close()
            return report
        } catch {
            await move.close()
            throw error
        }
    }

    /// Writers over four tenants go on while `body` runs; then everything must be there once.
    private func underLoad(
        _ shards: TestShards,
        tenants: [Int] = [1_500, 1_501, 2_500, 7],
        _ body: (RowLedger) async throws -> Void
    ) async throws {
        let rows = TenantRows(shards.layout, pool: "load", logger: TestShards.logger)
        let ledger = RowLedger()
        let writers = Task { await ledger.run(rows, tenants: tenants, writers: 4) }
        var failure: (any Error)?
        do {
            try await ledger.waitForMore(20)
            try await body(ledger)
            try await ledger.waitForMore(20)
        } catch {
            failure = error
        }
        await ledger.stop()
        await writers.value
        #expect(await ledger.failures == [])
        // A client with the old map, and none of what the writers have learnt.
        try await shards.rows { fresh in
            for (tenant, written) in await ledger.written {
                let numbers = try await fresh.numbers(of: tenant)
                #expect(numbers.count == written.count, "tenant \(tenant)")
                #expect(Set(numbers) == written, "tenant \(tenant)")
            }
        }
        await rows.close()
        if let failure { throw failure }
    }

    @Test func tenantsMoveThereAndBackWhileTasksWrite() async throws {
        try await TestShards.with { shards in
            try await underLoad(shards) { ledger in
                let range = try TenantRange(1_501, 2_700)
                for (target, other) in [("b", "a"), ("a", "b")] {
                    let report = try await move(range, to: target, shards)
                    #expect(report.parts.map(\.range) == [range])
                    #expect(report.parts.first?.source == other)
                    try await ledger.waitForMore(30)
                    for tenant in [1_501, 2_500] {
                        #expect(try await shards.count(tenant, on: target) > 0)
                        #expect(try await shards.count(tenant, on: other) == 0)
                    }
                    #expect(try await shards.count(1_500, on: "a") > 0)
                }
                #expect(try await move(range, to: "a", shards).parts.isEmpty)
            }
        }
    }

    @Test func whatIsDeletedDuringAMoveStaysDeleted() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                for tenant in [100, 101, 102] {
                    _ = try await rows.insert(.numbered(0..<20_000), tenant: tenant, task: "first")
                }
                async let report = move(TenantRange(100, 102), to: "b", shards)
                var deleted = 0
                // At some moment of the move; which one differs from run to run.
                let deadline = ContinuousClock.now + .seconds(30)
                while deleted == 0, ContinuousClock.now < deadline {
                    if try await shards.sql("b", "SELECT 1 FROM chard.moves WHERE row_count > 0")[0].isEmpty {
                        try await Task.sleep(for: .milliseconds(1))
                        continue
                    }
                    deleted = try await rows.delete(tenant: 101)
                }
                _ = try await rows.insert(.numbered(5..<8), tenant: 101, task: "second")
                _ = try await report
                #expect(deleted == 20_000)
                #expect(try await rows.numbers(of: 101) == [5, 6, 7])
                #expect(try await rows.numbers(of: 100).count == 20_000)
                #expect(try await shards.count(101, on: "b") == 3)
                // The ids of what came later are higher, so that pages go on.
                #expect(try await rows.insert(.numbered(9..<10), tenant: 100, task: "third") == 1)
                #expect(try await rows.numbers(of: 100).last == 9)
                #expect(try await rows.insert(.numbered(0..<3), tenant: 102, task: "first") == 0)
            }
        }
    }

    @Test func aMoverKilledAnywhereIsFollowedByAnother() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                for tenant in [1_500, 1_501, 2_500] {
                    _ = try await rows.insert(.numbered(90_000_000..<90_006_000), tenant: tenant, task: "before")
                }
            }
            let numbers = Set(90_000_000..<90_006_000)
            let program = try ChardProgram(shards)
            defer { program.remove() }
            try await underLoad(shards, tenants: [7, 1_502, 2_501]) { ledger in
                let moves = ["shards", "move", "--tenants", "1500..2600", "--to", "b"]
                // Each is killed later than the one before, until one comes to its end: while they plan, copy, fence,
                // switch or tidy.
                var kills = 0
                var limit = 0.1
                while try await program.run(moves, killedAfter: .seconds(limit)) != 0 {
                    limit *= Self.growth
                    kills += 1
                }
                #expect(kills > 0)
                try await ledger.waitForMore(10)
                #expect(try await program.run(moves) == 0)
            }
            try await shards.rows { rows in
                for tenant in [1_500, 1_501, 2_500] {
                    let found = try await rows.numbers(of: tenant)
                    #expect(found.count == numbers.count && Set(found) == numbers)
                    #expect(try await shards.count(tenant, on: "a") == 0)
                }
                let left = try await shards.sql("a", "SELECT 1 FROM chard.moves WHERE phase <> 'done'")[0]
                #expect(left.isEmpty)
            }
        }
    }

    /// How much longer each mover lives than the one before; CHARD_TEST_MOVE_GROWTH=1.05 makes many more kills.
    private static let growth = TestShards.environment["CHARD_TEST_MOVE_GROWTH"].flatMap { Double($0) } ?? 1.4

    @Test func aFenceWhoseMoverDiedLapses() async throws {
        try await TestShards.with { shards in
            try await shards.rows { rows in
                _ = try await rows.insert(.numbered(0..<3), tenant: 5, task: "one")
                let id = UUID().uuidString
                _ = try await shards.sql(
                    "a",
                    PostgresStatement("SELECT chard.move_out($1, 1, 10, 'a', 'b')", [.text(id)]),
                    PostgresStatement("SELECT chard.move_fence($1, 1, 1, false)", [.text(id)])
                )
                let start = ContinuousClock.now
                // Reads go on under the fence; the write waits for it.
                #expect(try await rows.query(tenant: 5, limit: 9).count == 3)
                #expect(try await rows.insert(.numbered(3..<4), tenant: 5, task: "two") == 1)
                #expect(start.duration(to: .now) > .milliseconds(500))
                // The half-dead mover can't give away what was written since.
                let late = PostgresStatement("SELECT chard.move_switch($1, 1) AS done", [.text(id)])
                #expect(try await !shards.sql("a", late)[0][0].bool("done"))
            }
        }
    }

    @Test func theSwitchIsFinishedByWhoComesFirst() async throws {
        try await TestShards.with { shards in
            // A mover that died between giving the range away and opening it.
            let id = PostgresValue.text(UUID().uuidString)
            _ = try await shards.sql(
                "a",
                PostgresStatement("SELECT chard.move_out($1, 1, 10, 'a', 'b')", [id]),
                PostgresStatement("SELECT chard.move_fence($1, 1, 15, false)", [id])
            )
            let arrive = PostgresStatement("SELECT chard.move_in($1, 1, 10, 'a', 'b', 1, 1)", [id])
            _ = try await shards.sql("b", arrive)
            let done = PostgresStatement("SELECT chard.move_switch($1, 1) AS done", [id])
            #expect(try await shards.sql("a", done)[0][0].bool("done"))
            try await shards.rows { rows in
                #expect(try await rows.query(tenant: 4, limit: 1).isEmpty)
                #expect(try await rows.insert(.numbered(0..<2), tenant: 5, task: "t") == 2)
                #expect(try await shards.count(5, on: "b") == 2)
                // A server never takes back what it gave away, whoever asks.
                do {
                    _ = try await shards.sql(
                        "a",
                        "SELECT set_config('chard.tenant_id', '5', true)",
                        "INSERT INTO agent_data (agent_id, data) VALUES (gen_random_uuid(), '1')",
                        role: "chard_tenant"
                    )
                    Issue.record("the old server took a row")
                } catch let error as PostgresError {
                    #expect(error.sqlState == "TN001")
                }
            }
        }
    }

    @Test func whatCanNotBeMovedIsSaid() async throws {
        try await TestShards.with { shards in
            await #expect(throws: TenantError.self) { try await move(TenantRange(1, 5), to: "c", shards) }
            await #expect(throws: TenantError.self) { try await move(TenantRange(50_000, 50_001), to: "b", shards) }
            #expect(try await move(TenantRange(1, 5), to: "a", shards).parts.isEmpty)
            // What lives on both goes to one.
            let report = try await move(TenantRange(9_990, 10_010), to: "b", shards)
            #expect(try report.parts.map(\.range) == [TenantRange(9_990, 9_999)])
        }
    }
}
