import Foundation
import Logging
import Synchronization
import Testing

@testable import Connections

/// The PostgreSQL that the test run was given.
enum PostgresUnderTest {
    static let text = ProcessInfo.processInfo.environment["CHARD_TEST_POSTGRES_1"]
    static let isMissing = text == nil
    static let reason: Comment = "CHARD_TEST_POSTGRES_1 is not set; `make test` starts a PostgreSQL and sets it"

    static var url: PostgresURL {
        get throws { try PostgresURL(try #require(text)) }
    }

    /// A name that no other test uses.
    static func name(_ text: String = "t") -> String {
        "chard_\(text)_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
    }

    /// Runs `body` with a pool, and closes it afterwards.
    static func pool<Result>(
        _ url: PostgresURL? = nil,
        size: Int = 1,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ adjust: (inout PostgresPoolOptions) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        var options = PostgresPoolOptions(size: size)
        adjust(&options)
        let pool = PostgresPool(try url ?? Self.url, options: options, logger: logger)
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs `body` with a pool and a table of its own, and drops the table afterwards.
    static func table<Result>(
        _ columns: String,
        size: Int = 1,
        _ body: (PostgresPool, String) async throws -> Result
    ) async throws -> Result {
        let name = name()
        return try await pool(size: size) { pool async throws in
            _ = try await pool.query("CREATE TABLE \(name) (\(columns))")
            let result: Result
            do { result = try await body(pool, name) } catch {
                _ = try await pool.query("DROP TABLE \(name)")
                throw error
            }
            _ = try await pool.query("DROP TABLE \(name)")
            return result
        }
    }
}

/// What was thrown, which must be a `PostgresError`.
func postgresError(
    _ body: () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PostgresError {
    try #require(
        await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { try await body() },
        sourceLocation: sourceLocation
    )
}

/// Keeps the lines that are logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(owner: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let owner: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { owner.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }
    }
}
