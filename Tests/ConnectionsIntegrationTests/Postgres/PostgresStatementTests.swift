import Testing

@testable import Connections

/// Errors, pipelines and transactions.
@Suite(.serialized, .enabled(if: !PostgresUnderTest.isMissing, PostgresUnderTest.reason), .timeLimit(.minutes(1)))
struct PostgresStatementTests {
    @Test func aServerErrorCarriesAllItSays() async throws {
        try await PostgresUnderTest.table("id int PRIMARY KEY") { pool, table async throws in
            _ = try await pool.query("INSERT INTO \(table) VALUES (1)")
            let duplicate = try await postgresError {
                _ = try await pool.query("INSERT INTO \(table) VALUES ($1)", [1])
            }
            #expect(
                duplicate.sqlState == "23505" && duplicate.constraint == "\(table)_pkey" && duplicate.table == table
            )
            #expect(duplicate.detail == "Key (id)=(1) already exists." && !duplicate.isRetriable)
            #expect(!duplicate.mayHaveHappened && duplicate.description.contains("(SQLSTATE 23505); Key (id)=(1)"))
            let unknown = try await postgresError { _ = try await pool.query("SELECT idd FROM \(table)") }
            #expect(unknown.sqlState == "42703" && unknown.hint?.contains("id") == true)
            #expect(!unknown.description.contains("\n"))
            let syntax = try await postgresError { _ = try await pool.query("SELEC 1") }
            #expect(syntax.sqlState == "42601")
            let json = try await postgresError { _ = try await pool.query("SELECT $1::jsonb", ["{"]) }
            #expect(json.sqlState == "22P02")
            #expect(try await pool.query("SELECT id FROM \(table)")[0].int("id") == 1)
        }
    }

    @Test func aPipelineIsOneTransaction() async throws {
        try await PostgresUnderTest.table("id int PRIMARY KEY") { pool, table async throws in
            let insert = "INSERT INTO \(table) VALUES ($1)"
            let good = try await pool.pipeline((0..<1_000).map { PostgresStatement(insert, [.int($0)]) } + ["SELECT 7"])
            #expect(good.count == 1_001 && good[..<1_000].allSatisfy { $0.affected == 1 })
            #expect(try good[1_000][0].int(0) == 7)
            let error = try await postgresError {
                let numbers = Array(2_000..<2_500) + [5] + Array(3_000..<3_500)
                _ = try await pool.pipeline(numbers.map { PostgresStatement(insert, [.int($0)]) })
            }
            #expect(error.sqlState == "23505" && error.detail == "Key (id)=(5) already exists.")
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 1_000)
            #expect(try await pool.pipeline([]).isEmpty)
        }
    }

    @Test func aLargePipelineDoesNotBlockItself() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            // More than both sockets hold, in both directions.
            let text = PostgresValue.text(String(repeating: "x", count: 20_000))
            let rows = try await pool.pipeline(
                (0..<1_500).map { PostgresStatement("SELECT $1::text, $2::int", [text, .int($0)]) }
            )
            #expect(rows.count == 1_500)
            for (number, answer) in rows.enumerated() { #expect(try answer[0].int(1) == number) }
        }
    }

    @Test func aStatementThatFailsToPrepareSpoilsNothing() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            for _ in 0..<4 {
                let error = try await postgresError {
                    _ = try await pool.pipeline(["SELECT 1", "SELECT nothing", "SELECT 2", "SELECT 2"])
                }
                #expect(error.sqlState == "42703")
            }
            for _ in 0..<4 { #expect(try await pool.pipeline(["SELECT 2", "SELECT 1"]).count == 2) }
        }
    }

    @Test func aScriptRunsAllOrNothing() async throws {
        try await PostgresUnderTest.table("id int PRIMARY KEY") { pool, table async throws in
            try await pool.withConnection { connection async throws in
                try await connection.script("INSERT INTO \(table) VALUES (1); INSERT INTO \(table) VALUES (2);")
                let error = try await postgresError {
                    try await connection.script("INSERT INTO \(table) VALUES (3); INSERT INTO \(table) VALUES (1)")
                }
                #expect(error.sqlState == "23505")
                try await connection.script("")
                #expect(try await connection.query("SELECT count(*) FROM \(table)")[0].int(0) == 2)
            }
        }
    }

    @Test func transactionsCommitOrLeaveNothing() async throws {
        struct Stop: Error {}
        try await PostgresUnderTest.table("id int PRIMARY KEY", size: 2) { pool, table async throws in
            let insert = "INSERT INTO \(table) VALUES ($1)"
            let sum = try await pool.transaction { connection async throws in
                _ = try await connection.query(insert, [1])
                return try await connection.query("SELECT sum(id) FROM \(table)")[0].int(0)
            }
            #expect(sum == 1)
            await #expect(throws: Stop.self) {
                try await pool.transaction { connection async throws in
                    _ = try await connection.query(insert, [2])
                    throw Stop()
                }
            }
            // The body hides the failure of its statement; the COMMIT can't.
            let hidden = try await postgresError {
                try await pool.transaction { connection async throws in
                    _ = try await connection.query(insert, [3])
                    _ = try? await connection.query(insert, [1])
                }
            }
            #expect(hidden.sqlState == "25P02" && !hidden.mayHaveHappened)
            // A BEGIN that is left open is rolled back before anybody else gets the connection.
            try await pool.withConnection { connection async throws in
                _ = try await connection.query("BEGIN")
                _ = try await connection.query(insert, [4])
            }
            _ = try await pool.query("BEGIN")
            for _ in 0..<4 {
                #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 1)
            }
        }
    }

    @Test func aDeferredConstraintFailsTheCall() async throws {
        try await PostgresUnderTest.table("id int UNIQUE DEFERRABLE INITIALLY DEFERRED") { pool, table async throws in
            let error = try await postgresError {
                let insert = PostgresStatement("INSERT INTO \(table) VALUES (1)")
                _ = try await pool.pipeline([insert, insert])
            }
            #expect(error.sqlState == "23505")
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    @Test(arguments: ["COPY pg_class TO STDOUT", "COPY pg_class FROM STDIN"])
    func copyOutsideCopyInIsAnError(sql: String) async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let error = try await postgresError { _ = try await pool.query(sql) }
            #expect(error.kind == .invalid && error.message.contains("copyIn"))
            let script = try await postgresError { try await pool.withConnection { try await $0.script(sql) } }
            #expect(script.kind == .invalid)
            #expect(try await pool.query("SELECT 1")[0].int(0) == 1)
        }
    }
}
