import CeleryProtocol
import Foundation
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/overview`: the whole in a few figures, of the last five minutes.
enum OverviewAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/overview"
    static let span = 300.0
    static let description = APIDescription(
        tag: "Overview",
        summary: "The whole in a few figures",
        details: "Tasks are those of the last five minutes; times are seconds.",
        schema: .schema([
            ("time", "number"), ("workers", "object"), ("tasks", "object"), ("runtime", "object?"),
            ("waiting", "object?"), ("queues", "object"), ("alerts", "object"), ("history", "object"),
        ])
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let now = Date().timeIntervalSince1970
        let bucket = try await monitor.history.series(from: now - span, to: now, step: span).last
        let size = try await monitor.history.size()
        let (workers, picture) = (monitor.fleet.workers, monitor.broker.picture)
        let firing = monitor.alerts.firing
        return .json([
            "time": .double(now),
            "workers": [
                "known": .int(workers.count), "alive": .int(workers.filter(\.isAlive).count),
                "active": .int(workers.filter(\.isAlive).compactMap(\.active).reduce(0, addingBounded)),
            ],
            "tasks": counts(bucket), "runtime": percentiles(bucket?.runtime),
            "waiting": percentiles(bucket?.waiting),
            "queues": [
                "known": .int(picture.queues.count),
                "ready": .int(picture.queues.map(\.ready).reduce(0, addingBounded)),
                "unacknowledged": .int(picture.queues.map(\.unacknowledged).reduce(0, addingBounded)),
                "problem": CeleryValue(picture.problem), "time": .double(picture.time),
            ],
            "alerts": [
                "firing": .int(firing.count), "critical": .int(firing.filter { $0.severity == .critical }.count),
            ],
            "history": [
                "tasks": .int(size.tasks), "bytes": .int(size.bytes), "oldest": CeleryValue(size.oldest),
                "dropped": .int(size.dropped),
            ],
        ])
    }

    /// Workers say what they like.
    private static func addingBounded(_ first: Int, _ second: Int) -> Int {
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? .max : sum
    }

    private static func counts(_ bucket: SeriesBucket?) -> CeleryValue {
        let bucket = bucket ?? SeriesBucket(time: 0)
        return [
            "sent": .int(bucket.sent), "received": .int(bucket.received), "started": .int(bucket.started),
            "succeeded": .int(bucket.succeeded), "failed": .int(bucket.failed), "retried": .int(bucket.retried),
            "revoked": .int(bucket.revoked), "rejected": .int(bucket.rejected),
        ]
    }

    private static func percentiles(_ value: Percentiles?) -> CeleryValue {
        value.map { ["p50": .double($0.p50), "p95": .double($0.p95), "p99": .double($0.p99)] } ?? .null
    }
}
