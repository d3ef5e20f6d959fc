import CeleryProtocol
import CeleryWorker
import Connections
import Foundation
import Synchronization

/// Asks the sources what the rules want to know. What fails is left out: then the rules of it change nothing.
final class AlertGatherer: Sendable {
    private struct State {
        var replicas = ReplicaMemory()
        var cache = CacheMemory()
    }

    private let state = Mutex(State())
    /// One at a time, and never longer than this.
    private static let timeout = Duration.seconds(3)

    func gather(_ monitor: Monitor, _ settings: AlertSettings, now: Double) async -> AlertInputs {
        func wants(_ rule: any AlertRule.Type) -> AlertRuleSettings? {
            settings.rules[rule.name].flatMap { $0.isEnabled ? $0 : nil }
        }
        var inputs = AlertInputs(now: now)
        inputs.broker = monitor.broker.picture
        inputs.workers = monitor.fleet.workers
        if wants(WorkerCPURule.self) != nil || wants(WorkerMemoryRule.self) != nil {
            inputs.reports = monitor.inspector.known(age: 30)
        }
        if let rule = wants(ErrorRateRule.self) {
            inputs.recent = await recent(monitor, now, ErrorRateRule.window(rule))
        }
        if wants(OldestMessageRule.self) != nil { inputs.ages = await ages(monitor, inputs, now) }
        if wants(DeadLettersRule.self) != nil { inputs.deadLetters = await deadLetters(monitor, now) }
        if wants(ScheduleRule.self) != nil { inputs.schedule = await schedule(monitor) }
        guard let client = monitor.celery.resultClient else { return inputs }
        if wants(RedisLagRule.self) != nil { inputs.replicas = await replicas(client, now) }
        if let rule = wants(CacheHitsRule.self) { inputs.cache = await cache(client, now, max(60, rule.hold)) }
        return inputs
    }

    private func recent(_ monitor: Monitor, _ now: Double, _ window: Double) async -> AlertInputs.TaskCounts? {
        guard let buckets = try? await monitor.history.series(from: now - window, to: now, step: 10) else { return nil }
        return buckets.reduce(into: AlertInputs.TaskCounts()) { counts, bucket in
            counts.succeeded += bucket.succeeded
            counts.failed += bucket.failed
        }
    }

    private func deadLetters(_ monitor: Monitor, _ now: Double) async -> [String: [QueueSample]]? {
        let names = monitor.broker.picture.queues.map(\.name).filter(QueueNaming.isDeadLetter)
        var samples: [String: [QueueSample]] = [:]
        for name in names.prefix(500) {
            let from = now - DeadLettersRule.window
            guard let found = try? await monitor.history.depths(from: from, to: now, step: 10, queue: name) else {
                return nil
            }
            samples[name] = found
        }
        return samples
    }

    /// Of the queues whose messages carry no time.
    private func ages(_ monitor: Monitor, _ inputs: AlertInputs, _ now: Double) async -> [String: Double] {
        var ages: [String: Double] = [:]
        let queues = inputs.taskQueues.filter { $0.ready > 0 && $0.oldest == nil }.sorted { $0.ready > $1.ready }
        for queue in queues.prefix(100) {
            let from = now - QueueAges.window
            guard let samples = try? await monitor.history.depths(from: from, to: now, step: 10, queue: queue.name)
            else {
                continue
            }
            ages[queue.name] = QueueAges.atLeast(samples, ready: queue.ready, now: now)
        }
        return ages
    }

    private func schedule(_ monitor: Monitor) async -> [AlertInputs.ScheduledRun]? {
        guard !monitor.celery.configuration.beat.entries.isEmpty else { return [] }
        guard let listing = try? await BeatListing(monitor.celery) else { return nil }
        return listing.rows.map { row in
            .init(name: row.entry.name, next: row.next?.secondsSince1970, hasRun: row.last != nil)
        }
    }

    // MARK: Redis

    private func replicas(_ client: RedisClient, _ now: Double) async -> [AlertInputs.RedisReplica]? {
        let command = RedisCommand("INFO", "replication")
        guard let text = try? await client.send(command, timeout: Self.timeout).text else { return nil }
        return state.withLock { $0.replicas.update(text, now: now) }
    }

    private func cache(_ client: RedisClient, _ now: Double, _ window: Double) async -> AlertInputs.CacheCounts? {
        let names = ["requests", "local_hits", "redis_hits"]
        let commands = names.map { RedisCommand("HGETALL", key: "metrics:inference:\($0)") }
        guard let replies = try? await client.pipeline(commands, timeout: Self.timeout), replies.count == 3 else {
            return nil
        }
        let totals = replies.map(CacheMemory.total)
        guard let requests = totals[0], let local = totals[1], let stored = totals[2] else { return nil }
        return state.withLock { $0.cache.update(requests: requests, hits: local &+ stored, now: now, window: window) }
    }
}
