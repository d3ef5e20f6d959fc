import Connections
import Foundation
import Logging
import Testing

@testable import TenantStore

/// The vector stores that the test run was given, and the means to break them.
enum VectorServers {
    static let environment = ProcessInfo.processInfo.environment
    static let noServers: Comment =
        "CHARD_TEST_CHROMA_1, _2, CHARD_TEST_QDRANT or CHARD_TEST_REDIS_URL is not set; `make test` sets them"
    static let areThere = ["CHARD_TEST_CHROMA_1", "CHARD_TEST_CHROMA_2", "CHARD_TEST_QDRANT", "CHARD_TEST_REDIS_URL"]
        .allSatisfy { environment[$0] != nil }
    static let canBreak = areThere && environment["CHARD_TEST_SERVICES"] != nil
    static let cantBreak: Comment = "CHARD_TEST_SERVICES is not set, so servers can't be killed; `make test` sets it"

    enum Server: String, Sendable, CaseIterable {
        case chroma1, chroma2, qdrant
    }

    static func store(_ server: Server, timeout: Duration = .seconds(10)) throws -> any VectorStore {
        switch server {
        case .chroma1: try chroma("CHARD_TEST_CHROMA_1", "chroma1", timeout)
        case .chroma2: try chroma("CHARD_TEST_CHROMA_2", "chroma2", timeout)
        case .qdrant:
            QdrantVectorStore(
                name: "qdrant",
                url: try url("CHARD_TEST_QDRANT", "qdrant"),
                key: "a key that the façade does not ask for",
                timeout: timeout
            )
        }
    }

    private static func chroma(_ variable: String, _ name: String, _ timeout: Duration) throws -> ChromaVectorStore {
        ChromaVectorStore(name: name, url: try url(variable, "chroma"), token: nil, timeout: timeout)
    }

    private static func url(_ variable: String, _ scheme: String) throws -> VectorStoreURL {
        let text = try #require(environment[variable])
        return try VectorStoreURL(text.replacingOccurrences(of: "http://", with: "\(scheme)://"))
    }

    static func redis() throws -> RedisClient {
        RedisClient(url: try RedisURL(try #require(environment["CHARD_TEST_REDIS_URL"])))
    }

    /// A name that no other test uses.
    static func name(_ start: String = "test") -> String { "\(start)-\(UUID().uuidString.lowercased())" }

    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// `kill chroma2`, `start chroma2`, `freeze`, `thaw`: returns when it is done.
    static func control(_ verb: String, _ server: Server) async throws {
        let words = try #require(environment["CHARD_TEST_SERVICES"]).split(separator: " ").map(String.init)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = words.dropFirst() + [verb, server.rawValue]
        process.standardError = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in done.resume() }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        try #require(process.terminationStatus == 0, "\(verb) \(server) failed")
    }
}

/// All tests that use the vector stores, one after the other: some of them kill a server.
@Suite(.serialized, .enabled(if: VectorServers.areThere, VectorServers.noServers))
enum VectorServerTests {}
