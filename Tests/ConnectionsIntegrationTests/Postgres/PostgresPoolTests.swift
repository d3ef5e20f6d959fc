import Testing

@testable import Connections

/// Many callers and few connections, and callers that give up.
@Suite(.serialized, .enabled(if: !PostgresUnderTest.isMissing, PostgresUnderTest.reason), .timeLimit(.minutes(1)))
struct PostgresPoolTests {
    @Test func aThousandCallsShareFourConnections() async throws {
        try await PostgresUnderTest.pool(size: 4) { pool async throws in
            let processes = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let row = try await pool.query("SELECT $1::int AS n, pg_backend_pid() AS p", [.int(number)])[0]
                        #expect(try row.int("n") == number)
                        return try row.int("p")
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect((1...4).contains(processes.count))
        }
    }

    @Test func aFullPoolSaysSoInTime() async throws {
        try await PostgresUnderTest.pool(size: 2) {
            // Long enough to connect on a busy machine.
            $0.acquireTimeout = .seconds(2)
        } _: { pool async throws in
            try await pool.withConnection { first in
                _ = try await first.query("SELECT 1")
                try await pool.withConnection { _ in
                    let error = try await postgresError { _ = try await pool.query("SELECT 1") }
                    #expect(error.kind == .poolExhausted && error.isRetriable && !error.mayHaveHappened)
                    #expect(error.message.contains("none of 2 connections became free within 2 s"))
                }
                #expect(try await pool.query("SELECT 1").count == 1)
            }
        }
    }

    @Test func tooManyWaitingCallsAreRefusedAtOnce() async throws {
        try await PostgresUnderTest.pool {
            $0.maxWaitingCalls = 3
        } _: { pool async throws in
            try await pool.withConnection { _ async throws in
                let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<10 { group.addTask { try await pool.query("SELECT 1", timeout: .seconds(1)).isEmpty } }
                    var refused = 0
                    while refused < 7 {
                        let error = try await postgresError { _ = try await group.next() }
                        #expect(error.kind == .poolExhausted)
                        refused += 1
                    }
                    group.cancelAll()
                    while let outcome = await group.nextResult() {
                        #expect(throws: PostgresError.self) { try outcome.get() }
                    }
                    return refused
                }
                #expect(outcomes == 7)
            }
        }
    }

    @Test func theOneWhoWaitsLongestComesFirst() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let (turns, turn) = AsyncStream<Int>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await pool.withConnection { _ in
                    for number in 0..<20 {
                        group.addTask {
                            try await pool.withConnection { _ in _ = turn.yield(number) }
                        }
                        // Each has asked before the next one begins.
                        while pool.waitingCalls < number + 1 { await Task.yield() }
                    }
                }
                try await group.waitForAll()
            }
            turn.finish()
            #expect(await turns.reduce(into: []) { $0.append($1) } == Array(0..<20))
        }
    }

    @Test func aWaitingCallCanBeCancelled() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            try await pool.withConnection { _ async throws in
                let call = Task { try await pool.query("SELECT 1") }
                while pool.waitingCalls < 1 { await Task.yield() }
                call.cancel()
                let error = try await postgresError { _ = try await call.value }
                #expect(error.kind == .cancelled && !error.mayHaveHappened)
            }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func aRunningStatementIsStoppedOnTheServer() async throws {
        try await PostgresUnderTest.pool(size: 2) { pool async throws in
            let mark = PostgresUnderTest.name("mark")
            let running =
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE $1 AND state = 'active' AND pid <> pg_backend_pid()"
            let call = Task { try await pool.query("SELECT pg_sleep(60) /* \(mark) */") }
            while try await pool.query(running, ["%\(mark)%"])[0].int(0) == 0 {}
            call.cancel()
            let error = try await postgresError { _ = try await call.value }
            #expect(error.kind == .cancelled && !error.mayHaveHappened)
            #expect(try await pool.query(running, ["%\(mark)%"])[0].int(0) == 0)
        }
    }

    /// A cancellation hits the statement it was meant for and none of the next ones.
    @Test func aCancelledStatementDoesNotHurtTheNext() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            for round in 0..<100 {
                let call = Task { try await pool.query("SELECT pg_sleep(0.0005)") }
                if round % 2 == 0 { try await Task.sleep(for: .microseconds(round * 20)) }
                call.cancel()
                _ = try? await call.value
                #expect(try await pool.query("SELECT 1 AS a, pg_sleep(0.0005)")[0].int("a") == 1)
            }
        }
    }

    @Test func aSlowStatementIsStoppedInTime() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let process = try await pool.query("SELECT pg_backend_pid()")[0].int(0)
            let error = try await postgresError {
                _ = try await pool.query("SELECT pg_sleep(60)", timeout: .milliseconds(100))
            }
            #expect(error.kind == .timeout && error.message == "no answer within 0.100 s" && !error.mayHaveHappened)
            #expect(try await pool.query("SELECT pg_backend_pid()")[0].int(0) == process)
        }
    }

    /// The statement of a transaction is cancelled with its task, and the transaction leaves nothing.
    @Test func aCancelledTransactionLeavesNothing() async throws {
        try await PostgresUnderTest.table("id int") { pool, table async throws in
            let (started, starting) = AsyncStream<Void>.makeStream()
            let work = Task {
                try await pool.transaction { connection in
                    _ = try await connection.query("INSERT INTO \(table) VALUES (1)")
                    starting.yield()
                    _ = try await connection.query("SELECT pg_sleep(60)")
                }
            }
            for await _ in started { break }
            work.cancel()
            let error = try await postgresError { try await work.value }
            #expect(error.kind == .cancelled)
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    @Test func aConnectionIsOfNoUseAfterItsTurn() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let kept = try await pool.withConnection { $0 }
            let error = try await postgresError { _ = try await kept.query("SELECT 1") }
            #expect(error.kind == .closed)
        }
    }

    @Test func anUnusedConnectionIsClosed() async throws {
        try await PostgresUnderTest.pool {
            $0.idleTimeout = .milliseconds(50)
        } _: { pool async throws in
            let process = try await pool.query("SELECT pg_backend_pid()")[0].int(0)
            let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
            try await PostgresUnderTest.pool { watcher async throws in
                while try await watcher.query(alive, [.int(process)])[0].int(0) > 0 {}
            }
            #expect(try await pool.query("SELECT pg_backend_pid()")[0].int(0) != process)
        }
    }

    @Test func closingLetsCallsEndAndRefusesNewOnes() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let (started, starting) = AsyncStream<Void>.makeStream()
            let work = Task {
                try await pool.withConnection { connection in
                    starting.yield()
                    return try await connection.query("SELECT 1 AS a, pg_sleep(0.2)")[0].int("a")
                }
            }
            for await _ in started { break }
            async let closed: Void = pool.close()
            #expect(try await work.value == 1)
            await closed
            let error = try await postgresError { _ = try await pool.query("SELECT 1") }
            #expect(error.kind == .closed && !error.isRetriable)
            await pool.close()
        }
    }
}
