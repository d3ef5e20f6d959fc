import CeleryProtocol
import CeleryWorker
import Connections
import Foundation
import Synchronization

/// A queue whose consumers an operator has taken away, and who they were, so that they get it back.
struct PausedQueue: Sendable, Codable, Hashable {
    struct Consumer: Sendable, Codable, Hashable {
        var worker: String
        /// As the worker declared the queue; nil: as its own settings say.
        var exchange: String?
        var exchangeType: String?
        var routingKey: String?
    }

    var queue: String
    /// Seconds since 1970.
    var since: Double
    var who: String
    var consumers: [Consumer]
}

/// The queues that are paused. Kept in the Redis of the results, so that other monitors and a restarted one know of
/// them; without one, in memory only.
final class PausedQueues: Sendable {
    private struct State {
        var queues: [String: PausedQueue] = [:]
    }

    private let client: RedisClient?
    private let key: String
    private let state = Mutex(State())

    init(_ configuration: WorkerConfiguration) {
        client = configuration.resultBackend.url.map { RedisClient(url: $0) }
        key = configuration.resultBackend.keyPrefix + "chard:monitor:paused"
    }

    /// As last read.
    var all: [String: PausedQueue] { state.withLock { $0.queues } }

    var isShared: Bool { client != nil }

    /// Reads what other monitors have paused. While Redis does not answer, what is known stays.
    func refresh() async {
        guard let client, let answer = try? await client.send(RedisCommand("HVALS", key: key)),
            let values = answer.array
        else { return }
        let queues = values.compactMap { value in
            value.bytes.flatMap { try? JSONDecoder().decode(PausedQueue.self, from: Data($0)) }
        }
        state.withLock { $0.queues = Dictionary(queues.map { ($0.queue, $0) }, uniquingKeysWith: { $1 }) }
    }

    func set(_ paused: PausedQueue) async throws {
        if let client {
            let text = String(decoding: try JSONEncoder().encode(paused), as: UTF8.self)
            _ = try await client.send(RedisCommand("HSET", key: key, paused.queue, text))
        }
        state.withLock { $0.queues[paused.queue] = paused }
    }

    func remove(_ queue: String) async throws {
        if let client { _ = try await client.send(RedisCommand("HDEL", key: key, queue)) }
        state.withLock { $0.queues[queue] = nil }
    }
}
