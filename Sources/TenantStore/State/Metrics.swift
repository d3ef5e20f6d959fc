import Connections
import Logging
import Synchronization

/// Counts that many processes add to, in Redis under `metrics:{service}:{metric_name}`.
///
/// A hash has, for each node, what it has added and what it has taken away in its life: a PN-counter (Shapiro et al.,
/// "Conflict-free Replicated Data Types", 2011). A node writes only its own fields, and whole totals rather than steps, so
/// nothing is lost or doubled when nodes write at the same time, when a write is repeated, and when Redis comes back
/// without what it had. The value is the sum over the fields. Additions are gathered in memory for
/// ``StateOptions/metricsInterval`` and go out together; each such write of a metric is announced on the channel that is
/// named like the key, as `{"change": "counted", "node": "…"}`.
///
/// What a process that is killed has gathered and not written is lost. Its fields stay; a process that ends in order
/// (``close()``) folds its own into those of the ended nodes, so that a hash does not grow with each start.
package final class Metrics: Sendable {
    struct State {
        var counters: [MetricName: MetricCounter] = [:]
        var isClosed = false
        /// Whether a write failed in a way that lets it arrive later still: it would come on top of what `close` folds in.
        var hasStrays = false
        /// How many connections there have been: what one confirmed says nothing about the next.
        var connections = 0
        /// Whether the last write in the background failed.
        var isFailing = false
    }

    /// `name#life`: two lives of one node are two nodes to each other.
    let node: String
    let announcement: String
    let client: RedisClient
    let options: StateOptions
    let logger: Logger
    let state = Mutex(State())
    /// Whether a write in the background is due.
    let isScheduled = Atomic<Bool>(false)

    /// - Parameter node: The name of the process among others; what JSON or the hash would trip over becomes `_`.
    init(node: String, client: RedisClient, options: StateOptions, logger: Logger) {
        let name = String(node.map { "#\"\\".contains($0) || $0.isNewline || $0.asciiValue ?? 32 < 32 ? "_" : $0 })
        self.node = "\(name)#\(StateEnvelope.newWriter())"
        announcement = #"{"change": "counted", "node": "\#(name)"}"#
        self.client = client
        self.options = options
        self.logger = logger
    }

    /// This process's counter of a metric: keep it where counting must be cheap.
    package func counter(_ name: MetricName) -> MetricCounter {
        state.withLock { state in
            if let counter = state.counters[name] { return counter }
            let counter = MetricCounter(name: name) { [weak self] in self?.schedule() }
            state.counters[name] = counter
            return counter
        }
    }

    /// Adds to a count; a negative amount takes away.
    package func increment(service: String, metric: String, by amount: Int = 1) throws(StateError) {
        counter(try MetricName(service: service, metric: metric)).increment(by: amount)
    }

    /// The value that Redis has: without what processes are still gathering.
    package func read(_ name: MetricName) async throws(StateError) -> MetricReading {
        let value: RedisValue
        do throws(RedisError) {
            value = try await client.send(RedisCommand("HGETALL", key: name.key), timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: name.key)
        }
        return try MetricReading(value, key: name.key)
    }

    /// Writes what was gathered, folds the node's counts into those of the ended nodes and stops. Later additions are
    /// lost.
    package func close() async throws(StateError) {
        defer { state.withLock { $0.isClosed = true } }
        try await flush()
        let (counters, isSafe) = state.withLock { state in
            let isSafe = !state.isClosed && !state.hasStrays
            state.isClosed = true
            return (Array(state.counters.values), isSafe)
        }
        guard isSafe else { return }
        for counter in counters where counter.totals != MetricCounter.Totals() { try await retire(counter) }
    }

    /// The connection is new: the server may have lost what it had confirmed, so all totals are written again.
    func redisRestarted() {
        let isOfUse = state.withLock { state in
            state.connections += 1
            for counter in state.counters.values { counter.forgetConfirmation() }
            return !state.counters.isEmpty
        }
        if isOfUse { schedule() }
    }
}
