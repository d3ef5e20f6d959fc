import Connections
import Foundation
import Testing

@testable import CeleryWorker

/// The servers that the test run was given.
enum ServersUnderTest {
    static let redis = ProcessInfo.processInfo.environment["CHARD_TEST_REDIS_URL"]
    static let broker = ProcessInfo.processInfo.environment["CHARD_TEST_BROKER_URL"]
    static let noRedis: Comment = "CHARD_TEST_REDIS_URL is not set; `make test` starts a Redis and sets it"
    static let reason: Comment = "CHARD_TEST_BROKER_URL or CHARD_TEST_REDIS_URL is not set; `make test` sets both"

    /// A configuration with one queue of its own, named as `queue`.
    static func configuration(queue: QueueSettings) throws -> WorkerConfiguration {
        var configuration = WorkerConfiguration()
        configuration.broker.urls = [try BrokerURL(try #require(broker))]
        configuration.resultBackend.url = try RedisURL(try #require(redis))
        configuration.resultBackend.expires = .seconds(60)
        configuration.catalogue = QueueCatalogue(queues: [queue], defaultQueue: queue)
        configuration.consumedQueues = [queue]
        configuration.worker.hostname = "celery@\(queue.name)"
        return configuration
    }

    /// A name that no other test uses.
    static func name() -> String { "chard-test-\(UUID().uuidString)" }
}
