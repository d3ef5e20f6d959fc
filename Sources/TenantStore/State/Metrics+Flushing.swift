import Connections
import Logging
import Synchronization

extension Metrics {
    /// Brings to Redis what was gathered. Nothing is forgotten when it fails.
    ///
    /// - Throws: The first error; the other metrics are written all the same.
    package func flush() async throws(StateError) {
        let (waiting, connection) = state.withLock { state in
            let counters = state.isClosed ? [] : Array(state.counters.values)
            return (counters.compactMap { counter in counter.unconfirmed.map { (counter, $0) } }, state.connections)
        }
        guard !waiting.isEmpty else { return }
        let commands = waiting.map { mergeCommand($0, $1) }
        var values: [RedisValue]
        do throws(RedisError) {
            values = try await client.pipeline(commands, timeout: options.timeout)
            try await repeatUnknown(waiting, &values)
        } catch {
            let failure = StateError.from(error, key: waiting[0].0.name.key)
            if failure.isUncertain { state.withLock { $0.hasStrays = true } }
            throw failure
        }
        var problem: StateError?
        for ((counter, totals), value) in zip(waiting, values) {
            if let failure = failure(in: value, key: counter.name.key) {
                problem = problem ?? failure
            } else {
                state.withLock { if $0.connections == connection { counter.confirm(totals) } }
            }
        }
        if let problem { throw problem }
    }

    /// Sees to it that a flush follows within the interval.
    func schedule() {
        guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task {
            try? await Task.sleep(for: options.metricsInterval)
            isScheduled.store(false, ordering: .releasing)
            await flushInBackground()
        }
    }

    private func flushInBackground() async {
        do throws(StateError) {
            try await flush()
            state.withLock { $0.isFailing = false }
        } catch {
            let isNew = state.withLock { state in
                defer { state.isFailing = true }
                return !state.isFailing && !state.isClosed
            }
            if isNew { logger.warning("counts wait in memory: \(error)") }
            if !state.withLock({ $0.isClosed }) { schedule() }
        }
    }

    /// Folds this node's counts into those of the ended nodes.
    func retire(_ counter: MetricCounter) async throws(StateError) {
        let key = counter.name.key
        let arguments = [node, MetricScripts.addedSuffix, MetricScripts.takenSuffix]
        do throws(RedisError) {
            let script = MetricScripts.retire
            _ = try await client.evaluate(script, keys: [key], arguments: arguments, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
    }

    private func arguments(_ totals: MetricCounter.Totals) -> [any RedisArgument] {
        var arguments: [any RedisArgument] = []
        if totals.added > 0 { arguments += [node + MetricScripts.addedSuffix, String(totals.added)] }
        if totals.taken > 0 { arguments += [node + MetricScripts.takenSuffix, String(totals.taken)] }
        return arguments + [announcement]
    }

    private func mergeCommand(_ counter: MetricCounter, _ totals: MetricCounter.Totals) -> RedisCommand {
        RedisCommand(evaluate: MetricScripts.merge, keys: [counter.name.key], arguments: arguments(totals))
    }

    /// A server that was told to forget its scripts is given the source.
    private func repeatUnknown(
        _ waiting: [(MetricCounter, MetricCounter.Totals)],
        _ values: inout [RedisValue]
    ) async throws(RedisError) {
        for (index, value) in values.enumerated() where value.firstError?.code == RedisServerError.noScript {
            let (counter, totals) = waiting[index]
            let command = RedisCommand(
                evaluateSource: MetricScripts.merge,
                keys: [counter.name.key],
                arguments: arguments(totals)
            )
            values[index] = try await client.pipeline([command], timeout: options.timeout)[0]
        }
    }

    private func failure(in value: RedisValue, key: String) -> StateError? {
        if let error = value.firstError { return StateError.from(error, key: key) }
        return value.integer == 1 ? nil : .wrongData(key: key, reason: "a node's count is no number")
    }
}
