import Connections
import Foundation
import Logging
import Testing

@testable import TenantStore

/// The Redis that the test run was given.
enum StateUnderTest {
    static let text = ProcessInfo.processInfo.environment["CHARD_TEST_REDIS_URL"]
    static let isMissing = text == nil
    static let reason: Comment = "CHARD_TEST_REDIS_URL is not set; `make test` starts a Redis and sets it"

    /// A name that no other test uses.
    static func name(_ word: String = "x") -> String { "test-\(UUID().uuidString)-\(word)" }

    /// Runs `body` with a store, and closes it afterwards.
    static func store<Result>(
        _ url: RedisURL? = nil,
        node: String = "celery@test",
        _ adjust: (inout StateOptions) -> Void = { _ in },
        _ body: (StateStore) async throws -> Result
    ) async throws -> Result {
        var options = StateOptions()
        adjust(&options)
        let url = try url ?? RedisURL(try #require(text))
        let store = StateStore(url: url, options: options, node: node, logger: Logger(label: "test"))
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Runs `body` with a plain client, which sees what is really stored.
    static func client<Result>(
        _ url: RedisURL? = nil,
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        let client = RedisClient(url: try url ?? RedisURL(try #require(text)))
        defer { client.close() }
        return try await body(client)
    }
}

extension StateWatch {
    /// The next event; fails the test when none comes in time.
    func next(_ iterator: inout AsyncIterator) async throws -> Event {
        try #require(await iterator.next())
    }

    typealias AsyncIterator = AsyncCompactMapSequence<AsyncStream<RedisSubscriptionEvent>, Event>.Iterator
}

extension [UInt8] {
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    var text: String { String(decoding: self, as: UTF8.self) }
}
