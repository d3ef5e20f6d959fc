import Foundation
import Glibc
import Synchronization
import Testing

@testable import Connections

/// Servers that die, hang and come back.
@Suite(.serialized, .enabled(if: PostgresTestServer.isInstalled, PostgresTestServer.reason), .timeLimit(.minutes(2)))
struct PostgresFaultTests {
    /// Each call has one outcome, what was answered is in the table, and what certainly did not happen is not.
    @Test func aKilledServerLosesNothingThatItConfirmed() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url, size: 4) { pool async throws in
                _ = try await pool.query("CREATE TABLE t (id int PRIMARY KEY)")
                let outcomes = try await Self.insertDuring(pool) { ledger async throws in
                    server.kill()
                    // On a busy machine nobody may ask before it is back.
                    while !ledger.hasNoticed { try await Task.sleep(for: .milliseconds(1)) }
                    try await server.start()
                }
                // `fsync = off` costs nothing here: the machine did not fail.
                let rows = try await Self.whenBack(pool) { try await pool.query("SELECT id FROM t") }
                let stored = Set(try rows.map { try $0.int(0) })
                #expect(stored.isSuperset(of: outcomes.confirmed))
                #expect(stored.isDisjoint(with: outcomes.failed))
            }
        }
    }

    /// What became of each inserted number.
    private final class Ledger: Sendable {
        struct Outcomes: Sendable {
            var next = 0
            var isOver = false
            var confirmed: Set<Int> = []
            var unknown: Set<Int> = []
            var failed: Set<Int> = []
        }

        private let state = Mutex(Outcomes())
        var outcomes: Outcomes { state.withLock { $0 } }

        /// The next number to insert; `nil` when it is enough.
        func next() -> Int? {
            state.withLock { state in
                state.next += 1
                return state.isOver ? nil : state.next
            }
        }

        func note(_ number: Int, _ error: PostgresError?) {
            state.withLock { state in
                if let error {
                    _ = error.mayHaveHappened ? state.unknown.insert(number) : state.failed.insert(number)
                } else {
                    _ = state.confirmed.insert(number)
                }
            }
        }

        /// Whether a call has failed.
        var hasNoticed: Bool { state.withLock { !$0.unknown.isEmpty || !$0.failed.isEmpty } }

        func end() { state.withLock { $0.isOver = true } }
    }

    /// Inserts numbers by 8 tasks, while `fault` goes on and until some succeed after it.
    private static func insertDuring(
        _ pool: PostgresPool,
        _ fault: (Ledger) async throws -> Void
    ) async throws -> Ledger.Outcomes {
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { try await insert(pool, ledger) }
            }
            while ledger.outcomes.confirmed.count < 200 { try await Task.sleep(for: .milliseconds(1)) }
            try await fault(ledger)
            let before = ledger.outcomes.confirmed.count
            while ledger.outcomes.confirmed.count < before + 200 { try await Task.sleep(for: .milliseconds(1)) }
            ledger.end()
            try await group.waitForAll()
        }
        return ledger.outcomes
    }

    private static func insert(_ pool: PostgresPool, _ ledger: Ledger) async throws {
        while let number = ledger.next() {
            do throws(PostgresError) {
                _ = try await pool.query("INSERT INTO t VALUES ($1)", [.int(number)])
                ledger.note(number, nil)
            } catch {
                #expect(error.isRetriable, "\(error)")
                ledger.note(number, error)
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Repeats a read until the pool has got over the fault.
    private static func whenBack<Value>(_ pool: PostgresPool, _ body: () async throws -> Value) async throws -> Value {
        let end = MonotonicTime.now.advanced(by: .seconds(20))
        while true {
            do { return try await body() } catch let error as PostgresError where error.isRetriable {
                try #require(MonotonicTime.now < end, "\(error)")
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test func anIdleConnectionIsReplacedUnnoticed() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url) { pool async throws in
                #expect(try await pool.query("SELECT 1").count == 1)
                server.kill()
                let down = try await postgresError { _ = try await pool.query("SELECT 1") }
                #expect(
                    down.kind == .connection && !down.mayHaveHappened && down.message.contains("Connection refused")
                )
                // While the pause lasts the answer comes without an attempt.
                for _ in 0..<1_000 {
                    let error = try await postgresError { _ = try await pool.query("SELECT 1") }
                    #expect(error.kind == .connection && !error.mayHaveHappened)
                }
                try await server.start()
                #expect(try await Self.whenBack(pool) { try await pool.query("SELECT 1") }.count == 1)
                server.kill()
                try await server.start()
                #expect(try await pool.query("SELECT 1").count == 1, "the broken connection was used")
            }
        }
    }

    @Test func aServerThatIsShutDownSaysSo() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url) { pool async throws in
                _ = try await pool.query("SELECT 1")
                let sleeping = Task { try await pool.query("SELECT pg_sleep(60)") }
                try await PostgresUnderTest.pool(server.url) { watcher async throws in
                    let active =
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active'"
                    while try await watcher.query(active)[0].int(0) < 2 {}
                }
                server.stop()
                let error = try await postgresError { _ = try await sleeping.value }
                #expect(error.sqlState == "57P01" && error.isRetriable && !error.mayHaveHappened)
            }
        }
    }

    @Test func aFrozenServerIsGivenUpAndTakenBack() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url) {
                $0.statementTimeout = .milliseconds(300)
                $0.cancelTimeout = .milliseconds(200)
                $0.connectTimeout = .milliseconds(400)
            } _: { pool async throws in
                _ = try await pool.query("SELECT 1")
                server.freeze()
                let start = MonotonicTime.now
                let late = try await postgresError { _ = try await pool.query("SELECT 1") }
                #expect(late.kind == .timeout && late.mayHaveHappened)
                let hung = try await postgresError { _ = try await pool.query("SELECT 1") }
                #expect(hung.kind == .connection && hung.message == "cannot connect: no answer within 0.400 s")
                #expect(MonotonicTime.now.nanoseconds(since: start) < 5_000_000_000)
                server.thaw()
                #expect(
                    try await Self.whenBack(pool) { try await pool.query("SELECT 1", timeout: .seconds(5)) }.count == 1
                )
            }
        }
    }

    /// A statement whose connection was given up does not keep its locks until its end.
    @Test func aStatementThatWasGivenUpEndsOnTheServer() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url) {
                $0.statementTimeout = .milliseconds(300)
                $0.cancelTimeout = .zero
            } _: { pool async throws in
                let late = try await postgresError { _ = try await pool.query("SELECT pg_sleep(600)") }
                #expect(late.kind == .timeout && late.mayHaveHappened)
            }
            try await PostgresUnderTest.pool(server.url) { watcher async throws in
                let active =
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active'"
                while try await watcher.query(active)[0].int(0) > 1 {}
            }
        }
    }

    @Test func aKilledServerEndsCopiesAndTransactions() async throws {
        try await PostgresTestServer.run { server async throws in
            try await PostgresUnderTest.pool(server.url, size: 2) { pool async throws in
                _ = try await pool.query("CREATE TABLE t (id int)")
                let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
                continuation.yield(Array("1\n2\n".utf8))
                let copying = Task {
                    try await pool.withConnection { try await $0.copyIn("COPY t FROM STDIN", from: stream) }
                }
                // Before the transaction, which would see the same statistics all the time.
                while try await pool.query("SELECT count(*) FROM pg_stat_progress_copy")[0].int(0) == 0 {}
                let lost = try await postgresError {
                    try await pool.transaction { connection in
                        _ = try await connection.query("INSERT INTO t VALUES (1)")
                        server.kill()
                        let first = try await postgresError {
                            _ = try await connection.query("INSERT INTO t VALUES (2)")
                        }
                        #expect(first.isRetriable)
                        _ = try await connection.query("INSERT INTO t VALUES (3)")
                    }
                }
                #expect(lost.kind == .connection && !lost.mayHaveHappened)
                #expect(lost.message == "the connection was lost earlier in this turn")
                // The end of the data never comes; the end of the connection does.
                let error = try await postgresError { _ = try await copying.value }
                #expect(error.isRetriable)
                continuation.finish()
                try await server.start()
                let rows = try await Self.whenBack(pool) { try await pool.query("SELECT count(*) FROM t") }
                #expect(try rows[0].int(0) == 0)
            }
        }
    }

    @Test func thePoolMakesDoWithTheConnectionsThatItGets() async throws {
        try await PostgresTestServer.run { server async throws in
            // The server has 20, of which 3 are kept for superusers.
            var url = server.url
            url.user = "modest"
            try await PostgresUnderTest.pool(server.url) { _ = try await $0.query("CREATE ROLE modest LOGIN") }
            try await PostgresUnderTest.pool(url, size: 40) { pool async throws in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 { group.addTask { _ = try await pool.query("SELECT pg_sleep(0.02)") } }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func aPasswordIsUsedAndNeverShown() async throws {
        try await PostgresTestServer.run { server async throws in
            let lines = LogLines()
            try await PostgresUnderTest.pool(server.url) { pool async throws in
                _ = try await pool.query("CREATE ROLE careful LOGIN PASSWORD '\(PostgresTestServer.password)'")
            }
            var url = server.url
            url.user = "careful"
            url.password = PostgresTestServer.password
            try await PostgresUnderTest.pool(url, logger: lines.logger) { pool async throws in
                #expect(try await pool.query("SELECT current_user")[0].text(0) == "careful")
                server.kill()
                _ = try await postgresError { _ = try await pool.query("SELECT 1") }
                try await server.start()
            }
            let wrong = "not-" + PostgresTestServer.password
            for password in [wrong, nil] {
                url.password = password
                try await PostgresUnderTest.pool(url, logger: lines.logger) { pool async throws in
                    let error = try await postgresError { _ = try await pool.query("SELECT 1") }
                    #expect(!error.mayHaveHappened)
                    #expect(
                        error.sqlState == (password == nil ? nil : "28P01") && error.isRetriable == (password == nil)
                    )
                    var shown = "\(error) \(url) \(pool)"
                    dump(error, to: &shown)
                    dump(pool.url, to: &shown)
                    #expect(!shown.contains(PostgresTestServer.password), "\(shown)")
                }
            }
            url.database = "nowhere"
            url.user = "postgres"
            try await PostgresUnderTest.pool(url, logger: lines.logger) { pool async throws in
                let error = try await postgresError { _ = try await pool.query("SELECT 1") }
                #expect(error.sqlState == "3D000" && error.message.contains("database \"nowhere\" does not exist"))
            }
            #expect(lines.all.count >= 4)
            for line in lines.all { #expect(!line.contains(PostgresTestServer.password), "\(line)") }
        }
    }

    @Test func certificatesAreCheckedAsTheURLSays() async throws {
        try await PostgresTestServer.run { server async throws in
            func encryption(
                _ mode: PostgresSSLMode,
                host: String = "localhost",
                root: String? = nil
            ) async throws -> Bool {
                var url = server.url
                url.host = host
                url.sslMode = mode
                url.sslRootCertificate = root
                return try await PostgresUnderTest.pool(url) { pool in
                    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                    return try await pool.query(sql)[0].bool(0)
                }
            }
            #expect(try await encryption(.disable) == false)
            #expect(try await encryption(.prefer))
            #expect(try await encryption(.require, host: "127.0.0.1"))
            #expect(try await encryption(.verifyFull, root: server.certificate))
            #expect(try await encryption(.verifyCA, host: "127.0.0.1", root: server.certificate))
            let name = try await postgresError {
                _ = try await encryption(.verifyFull, host: "127.0.0.1", root: server.certificate)
            }
            #expect(name.kind == .connection && name.message.contains("does not match host name"))
            let unknown = try await postgresError {
                _ = try await encryption(.verifyCA, root: "/etc/ssl/certs/ca-certificates.crt")
            }
            #expect(unknown.kind == .connection && unknown.message.contains("certificate"))
        }
    }
}
