import Foundation
import Testing

@testable import Connections

/// COPY from the client.
@Suite(.serialized, .enabled(if: !PostgresUnderTest.isMissing, PostgresUnderTest.reason), .timeLimit(.minutes(1)))
struct PostgresCopyTests {
    private static func lines(_ numbers: Range<Int>) -> [UInt8] {
        Array(numbers.map { "\($0)\tline \($0)\n" }.joined().utf8)
    }

    private static let count = 100_000

    @Test(arguments: [1, 7, 1_000, 1 << 30])
    func everyRowArrivesWhateverTheChunks(size: Int) async throws {
        let data = Self.lines(0..<(size == 1 ? 2_000 : Self.count))
        let chunks = stride(from: 0, to: data.count, by: size).map { Array(data[$0..<min($0 + size, data.count)]) }
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            let rows = try await pool.withConnection { try await $0.copyIn("COPY \(table) FROM STDIN", chunks) }
            #expect(rows == (size == 1 ? 2_000 : Self.count))
            let check = "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE t = 'line ' || id) FROM \(table)"
            let row = try await pool.query(check)[0]
            #expect(try row.int(0) == rows && row.int(1) == rows && row.int(2) == rows)
        }
    }

    @Test func aBadRowInTheMiddleCopiesNothing() async throws {
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            let chunks = [Self.lines(0..<50_000), Array("x\ty\n".utf8), Self.lines(50_000..<Self.count)]
            let error = try await postgresError {
                _ = try await pool.withConnection { try await $0.copyIn("COPY \(table) FROM STDIN", chunks) }
            }
            #expect(error.sqlState == "22P02" && !error.mayHaveHappened)
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    @Test func dataThatIsMadeOnTheWayWaitsForTheServer() async throws {
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            let made = AsyncStream<[UInt8]> { continuation in
                for start in stride(from: 0, to: Self.count, by: 1_000) {
                    continuation.yield(Self.lines(start..<(start + 1_000)))
                }
                continuation.finish()
            }
            let rows = try await pool.withConnection { try await $0.copyIn("COPY \(table) FROM STDIN", from: made) }
            #expect(rows == Self.count)
        }
    }

    @Test func aSourceThatThrowsCopiesNothing() async throws {
        struct Broken: Error {}
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            let made = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(Self.lines(0..<50_000))
                continuation.finish(throwing: Broken())
            }
            await #expect(throws: Broken.self) {
                try await pool.withConnection { try await $0.copyIn("COPY \(table) FROM STDIN", from: made) }
            }
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    /// An endless source ends as soon as the server refuses its data.
    @Test func aRefusalStopsTheSource() async throws {
        struct Endless: AsyncSequence, AsyncIteratorProtocol {
            let chunk: [UInt8]
            func makeAsyncIterator() -> Endless { self }
            mutating func next() async throws -> [UInt8]? { chunk }
        }
        try await PostgresUnderTest.table("id int PRIMARY KEY, t text") { pool, table async throws in
            let error = try await postgresError {
                _ = try await pool.withConnection {
                    try await $0.copyIn("COPY \(table) FROM STDIN", from: Endless(chunk: Self.lines(0..<1_000)))
                }
            }
            #expect(error.sqlState == "23505")
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    @Test func aCancelledCopyCopiesNothing() async throws {
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
            let copying = Task {
                try await pool.withConnection { try await $0.copyIn("COPY \(table) FROM STDIN", from: stream) }
            }
            continuation.yield(Self.lines(0..<1_000))
            let watching =
                "SELECT count(*) FROM pg_stat_progress_copy WHERE relid = '\(table)'::regclass AND bytes_processed > 0"
            try await PostgresUnderTest.pool { watcher async throws in
                while try await watcher.query(watching)[0].int(0) == 0 {}
            }
            copying.cancel()
            let error = try await postgresError { _ = try await copying.value }
            #expect(error.kind == .cancelled && !error.mayHaveHappened)
            #expect(try await pool.query("SELECT count(*) FROM \(table)")[0].int(0) == 0)
        }
    }

    @Test func noticesDoNotDisturb() async throws {
        try await PostgresUnderTest.table("id int, t text") { pool, table async throws in
            try await pool.withConnection { connection async throws in
                try await connection.script(
                    """
                    CREATE FUNCTION \(table)_say() RETURNS trigger LANGUAGE plpgsql AS
                      'BEGIN RAISE NOTICE ''row %'', NEW.id; RETURN NEW; END';
                    CREATE TRIGGER say BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION \(table)_say();
                    """
                )
                let chunks = (0..<200).map { Self.lines(($0 * 100)..<($0 * 100 + 100)) }
                #expect(try await connection.copyIn("COPY \(table) FROM STDIN", chunks) == 20_000)
                try await connection.script("DROP FUNCTION \(table)_say() CASCADE")
            }
        }
    }

    @Test(arguments: ["SELECT 1", "", "COPY pg_class TO STDOUT", "COPY nowhere FROM STDIN"])
    func whatIsNoCopyIsAnError(sql: String) async throws {
        try await PostgresUnderTest.pool { pool async throws in
            let error = try await postgresError {
                _ = try await pool.withConnection { try await $0.copyIn(sql, [[1]]) }
            }
            #expect(error.kind == (sql.contains("nowhere") ? .server(sqlState: "42P01") : .invalid))
            #expect(try await pool.query("SELECT 1")[0].int(0) == 1)
        }
    }
}
