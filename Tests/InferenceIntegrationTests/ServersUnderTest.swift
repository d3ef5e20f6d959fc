import Connections
import Foundation
import Inference
import Logging
import Testing

/// The servers that `scripts/services` started.
enum ServersUnderTest {
    static let redis = ProcessInfo.processInfo.environment["CHARD_TEST_REDIS_URL"]
    static let models = ProcessInfo.processInfo.environment["CHARD_TEST_MODELS_2"]
    static let reason: Comment = "CHARD_TEST_REDIS_URL or CHARD_TEST_MODELS_2 is not set; `make test` sets both"
    static let areThere = redis != nil && models != nil

    static func redisURL() throws -> RedisURL { try RedisURL(try #require(redis)) }

    /// A prefix that only one test uses.
    static func prefix() -> String { "chard:test:\(UUID().uuidString):" }

    /// Has the model server misbehave; without settings, behave.
    static func control(_ settings: [String: JSONValue] = [:]) async throws {
        let call = HTTPCall(
            method: settings.isEmpty ? "DELETE" : "PUT",
            url: try #require(models) + "/_control",
            headers: [],
            body: settings.isEmpty ? [] : try JSONValue.object(settings).sortedBytes(),
            timeout: .seconds(10),
            maxBytes: 1_000_000
        )
        #expect(try await call.send().status == 200)
    }

    /// Waits until it is so, with a bound.
    static func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            try #require(ContinuousClock.now < end, what)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
