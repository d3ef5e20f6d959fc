import Foundation
import Testing

@testable import Connections

/// Values on their way to the server and back.
@Suite(.serialized, .enabled(if: !PostgresUnderTest.isMissing, PostgresUnderTest.reason), .timeLimit(.minutes(1)))
struct PostgresValueTests {
    @Test func everyKindComesBack() async throws {
        try await PostgresUnderTest.table("n bigint, x float8, b boolean, s text, d bytea, j jsonb, u uuid") {
            pool,
            table in
            let every = (0...255).map { UInt8($0) }
            let id = UUID().uuidString.lowercased()
            for _ in 0..<3 {  // unprepared, preparing, prepared
                let rows = try await pool.query(
                    "INSERT INTO \(table) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *, $4::text IS NULL AS missing",
                    [
                        .int(Int64.min), .double(-1.5e300), true, "Grüße 🥬\n\\'\"", .bytes(every), "{\"a\": [1]}",
                        .text(id),
                    ]
                )
                #expect(rows.columns == ["n", "x", "b", "s", "d", "j", "u", "missing"] && rows.count == 1)
                #expect(rows.affected == 1 && rows.command == "INSERT 0 1")
                let row = try #require(rows.first)
                #expect(try row.int("n") == Int.min && row.double("x") == -1.5e300 && row.bool("b"))
                #expect(try row.text("s") == "Grüße 🥬\n\\'\"" && row.bytes("d") == every)
                #expect(try row.text("j") == "{\"a\": [1]}" && row.text("u") == id && row.bool("missing") == false)
                #expect(try row.bytes("s") == Array("Grüße 🥬\n\\'\"".utf8) && row.text(0) == "\(Int.min)")
            }
        }
    }

    @Test func nullIsNoValue() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let rows = try await pool.query(
                "SELECT $1::int AS a, $2::text AS b, ''::text AS c, ''::bytea AS d",
                [nil, .null]
            )
            let row = try #require(rows.first)
            #expect(try row.nullableInt("a") == nil && row.nullableText("b") == nil && row.isNull("b"))
            #expect(try row.text("c").isEmpty && row.bytes("d").isEmpty && !row.isNull("c"))
            #expect(throws: PostgresError.self) { try row.int("a") }
            let wrong = #expect(throws: PostgresError.self) { try row.text("z") }
            #expect(wrong?.description == "PostgreSQL: the result has no column \"z\"; it has a, b, c, d")
            #expect(throws: PostgresError.self) { try row.text(4) }
            #expect(throws: PostgresError.self) { try row.int("c") }
            #expect(throws: PostgresError.self) { try row.bool("c") }
        }
    }

    @Test(arguments: [
        "'; DROP TABLE x; --", "$1", "\\", "\\x00", "%s %n", "NULL", "{a,b}", "\u{FEFF}\u{202E}", "'", "\"", "/*",
        "E'\\''",
    ])
    func sqlInATextIsText(text: String) async throws {
        try await PostgresUnderTest.pool { pool async throws in
            for _ in 0..<3 {
                let rows = try await pool.query("SELECT $1::text AS t, length($1::text) AS n", [.text(text)])
                #expect(try rows[0].text("t") == text && rows[0].int("n") == text.unicodeScalars.count)
            }
        }
    }

    @Test func whatCanNotBeStoredIsRefusedBeforeItIsSent() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let zero = try await postgresError { _ = try await pool.query("SELECT $1::text, $2::text", ["a", "b\0c"]) }
            #expect(zero.kind == .invalid && zero.message.contains("$2"))
            let sql = try await postgresError { _ = try await pool.query("SELECT 1\0; DROP TABLE x") }
            #expect(sql.kind == .invalid)
            let many = try await postgresError {
                _ = try await pool.query("SELECT 1", Array(repeating: 1, count: 65_536))
            }
            #expect(many.kind == .invalid && many.message.contains("65536"))
            #expect(try await pool.query("SELECT 1 AS a")[0].int("a") == 1)
        }
    }

    @Test func aLargeResultIsWhole() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let rows = try await pool.query(
                "SELECT i, repeat(chr(97 + i % 26), 100) AS t FROM generate_series(0, $1::int - 1) i",
                [200_000]
            )
            #expect(rows.count == 200_000 && rows.affected == 200_000)
            var sum = 0
            for row in rows { sum += try row.int(0) }
            #expect(sum == 199_999 * 100_000)
            #expect(try rows[199_999].text("t") == String(repeating: "h", count: 100))
            let wide = try await pool.query("SELECT $1::text AS t", [.text(String(repeating: "ü", count: 4 << 20))])
            #expect(try wide[0].text("t").utf8.count == 8 << 20)
        }
    }

    @Test func settingsHoldOnEveryConnection() async throws {
        try await PostgresUnderTest.pool {
            $0.settings = ["search_path": "\"a b\", \"c\\d\"", "statement_timeout": "1234"]
        } _: { pool async throws in
            #expect(try await pool.query("SHOW search_path")[0].text(0) == "\"a b\", \"c\\d\"")
            #expect(try await pool.query("SHOW statement_timeout")[0].text(0) == "1234ms")
            #expect(try await pool.query("SHOW application_name")[0].text(0) == "chard")
            // PostgreSQL 14 and later stop what nobody waits for any more.
            #expect(try await pool.query("SHOW client_connection_check_interval")[0].text(0) == "2s")
        }
        try await PostgresUnderTest.pool {
            $0.settings = ["application_name": "a name"]
        } _: { pool async throws in
            #expect(try await pool.query("SHOW application_name")[0].text(0) == "a name")
        }
    }

    @Test func statementsArePreparedOnceAndGivenBack() async throws {
        try await PostgresUnderTest.pool { pool async throws in
            for _ in 0..<10 { _ = try await pool.query("SELECT $1::int + 1", [1]) }
            let count = "SELECT count(*) AS n FROM pg_prepared_statements"
            #expect(try await pool.query(count)[0].int("n") == 1)
            for number in 0..<300 {
                for _ in 0..<2 { _ = try await pool.query("SELECT $1::int + \(number)", [1]) }
            }
            #expect(try await pool.query(count)[0].int("n") < 200)
        }
    }

    @Test func aChangedTableCostsOneErrorAtMost() async throws {
        try await PostgresUnderTest.table("a int") { pool, table async throws in
            let sql = "SELECT * FROM \(table)"
            for _ in 0..<3 { _ = try await pool.query(sql) }
            _ = try await pool.query("ALTER TABLE \(table) ADD COLUMN b int")
            let error = try await postgresError { _ = try await pool.query(sql) }
            #expect(error.sqlState == "0A000" && error.isRetriable)
            #expect(try await pool.query(sql).columns == ["a", "b"])
            _ = try await pool.query("DEALLOCATE ALL")
            for _ in 0..<2 { _ = try? await pool.query(sql) }
            #expect(try await pool.query(sql).columns == ["a", "b"])
        }
    }
}
