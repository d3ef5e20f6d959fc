import CeleryWorker
import Connections
import Synchronization

/// Asks all workers how they are, by remote control, and compares who answers with who should.
///
/// Two rounds, each as long as the timeout at most: first what everybody is doing, then a ping to all that have answered
/// or are known by their heartbeats, so that a latency holds no connecting.
struct FleetSurvey {
    let celery: Celery
    /// Who asks.
    let worker: String
    /// The other workers that it has heard of.
    let roster: [Roster.Member]
    /// Whom the caller misses if they do not answer.
    let expected: [String]
    /// For each of the two rounds.
    let timeout: Duration

    /// - Throws: `AMQPError` when the broker does not take the questions.
    func run() async throws -> FleetReport {
        let start = MonotonicTime.now
        let inspect = celery.inspect(timeout: timeout)
        async let activeAnswers = inspect.active()
        async let queueAnswers = inspect.activeQueues()
        async let statsAnswers = inspect.stats()
        let (active, queues, stats) = try await (activeAnswers, queueAnswers, statsAnswers)
        let alive = roster.filter { !$0.isLost }.map(\.node)
        let known = Set([active.keys, queues.keys, stats.keys].joined()).union(alive).union(expected).union([worker])
        let latencies = try await ping(known.sorted())
        let present = Set([active.keys, queues.keys, stats.keys].joined()).union(latencies.keys)
        let members = present.sorted().map { node in
            (node, Self.member(latencies[node], active[node], queues[node], stats[node]))
        }
        let missing = missing(present)
        return FleetReport(
            ok: missing.isEmpty,
            worker: worker,
            tookMilliseconds: Self.milliseconds(since: start),
            workers: NamedValues(members),
            missing: missing
        )
    }

    /// Milliseconds until each answer; ends as soon as all have answered.
    private func ping(_ nodes: [String]) async throws -> [String: Double] {
        let latencies = Latencies()
        let start = MonotonicTime.now
        try await celery.control.broadcast("ping", .init(to: nodes, timeout: timeout)) { reply in
            latencies.all.withLock { $0[reply.node] = Self.milliseconds(since: start) }
        }
        return latencies.all.withLock { $0 }
    }

    private final class Latencies: Sendable {
        let all = Mutex<[String: Double]>([:])
    }

    private static func milliseconds(since start: MonotonicTime) -> Double {
        (Double(MonotonicTime.now.nanoseconds(since: start)) / 1e3).rounded() / 1e3
    }

    private static func member(
        _ latency: Double?,
        _ active: CeleryValue?,
        _ queues: CeleryValue?,
        _ stats: CeleryValue?
    ) -> FleetReport.Member {
        let stats = stats?.mapValue ?? [:]
        return FleetReport.Member(
            latencyMilliseconds: latency,
            queues: queues?.arrayValue?.compactMap { $0.mapValue?["name"]?.stringValue },
            running: active?.arrayValue?.count,
            concurrency: stats["pool"]?.mapValue?["max-concurrency"]?.intValue,
            total: stats["total"]?.mapValue?.values.reduce(0) { $0 + ($1.intValue ?? 0) },
            pid: stats["pid"]?.intValue,
            uptimeSeconds: stats["uptime"]?.intValue
        )
    }

    private func missing(_ present: Set<String>) -> [FleetReport.Absence] {
        let now = MonotonicTime.now
        let heard = Dictionary(roster.map { ($0.node, $0) }, uniquingKeysWith: { $1 })
        let names = Set(roster.map(\.node)).union(expected).union([worker]).subtracting(present)
        return names.sorted().map { node in
            let member = heard[node]
            return FleetReport.Absence(
                node: node,
                reason: reason(node, member),
                lastHeardSeconds: member.map { Double(now.nanoseconds(since: $0.heard) / 1_000_000) / 1e3 }
            )
        }
    }

    private func reason(_ node: String, _ member: Roster.Member?) -> String {
        if node == worker { return "it asks, but does not answer itself: its remote control is off or not connected" }
        guard let member else {
            return "never heard of by this worker, and no answer within \(timeout / .seconds(1)) s"
        }
        return member.isLost
            ? "its heartbeats have stopped" : "it sends heartbeats, but no answer within \(timeout / .seconds(1)) s"
    }
}
