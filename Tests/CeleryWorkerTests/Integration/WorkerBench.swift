import CeleryProtocol
import Connections
import Logging

@testable import CeleryWorker

/// A worker on the real servers with a queue of its own, which is deleted afterwards.
struct WorkerBench: Sendable {
    let celery: Celery
    let worker: Worker
    let queue: QueueSettings
    /// What the worker logs.
    let lines: Tally<String>

    /// Runs a worker while `body` is under way.
    ///
    /// - Returns: What the worker reported at its end.
    @discardableResult
    static func run(
        concurrency: Int = 8,
        configure: (inout WorkerConfiguration) -> Void = { _ in },
        register: (Celery) -> Void,
        _ body: (WorkerBench) async throws -> Void
    ) async throws -> Worker.Report {
        var queue = QueueSettings(name: ServersUnderTest.name())
        queue.concurrency = concurrency
        var configuration = try ServersUnderTest.configuration(queue: queue)
        configure(&configuration)
        let lines = Tally<String>()
        let celery = Celery(configuration: configuration, logger: .telling(lines))
        defer { celery.close() }
        register(celery)
        let bench = WorkerBench(celery: celery, worker: try Worker(celery), queue: queue, lines: lines)
        let running = Task { try await bench.worker.runUntilStopped() }
        let outcome = await Result<Void, any Error>.catching { try await body(bench) }
        bench.worker.stop()
        let report = try await running.value
        try await bench.deleteQueues()
        try outcome.get()
        return report
    }

    /// Returns when the log has a line with that text.
    func logged(_ text: String) async throws {
        try await lines.wait { $0.contains { $0.contains(text) } }
    }

    /// How many messages wait in the queue; nil when there is no such queue.
    func messageCount(_ queue: String) async throws -> Int? {
        do throws(AMQPError) {
            return try await celery.publisher.perform { (connection, channel) throws(AMQPError) in
                try connection.declareQueue(queue, passive: true, channel: channel).messages
            }
        } catch  where error.code == .channelClosed(404) {
            return nil
        }
    }

    private func deleteQueues() async throws {
        let queue = queue
        try await celery.publisher.perform { (connection, channel) throws(AMQPError) in
            try connection.deleteQueue(queue.name, channel: channel)
            try connection.deleteQueue(queue.deadLetterQueue, channel: channel)
            try connection.deleteExchange(queue.exchange, channel: channel)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
