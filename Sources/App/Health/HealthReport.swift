import CeleryWorker

/// The answer of `system.health.check`.
struct HealthReport: Codable, Sendable {
    /// Whether every check is.
    var ok: Bool
    /// The node name of the worker that measured.
    var worker: String
    var checks: Checks

    struct Checks: Codable, Sendable {
        var broker: HealthProbe
        var redis: HealthProbe
        var disk: HealthProbe
        var memory: HealthProbe
        var load: HealthProbe

        var all: [HealthProbe] { [broker, redis, disk, memory, load] }
    }

    /// Measures everything now; servers at the same time.
    static func measure(_ celery: Celery, _ worker: String) async -> HealthReport {
        async let broker = HealthProbe.measure {
            _ = try await celery.checkBroker()
            return [:]
        }
        async let redis = HealthProbe.measure {
            ["configured": .bool(try await celery.checkResultBackend() != nil)]
        }
        let checks = Checks(
            broker: await broker,
            redis: await redis,
            disk: await HealthProbe.measure { try SystemHealth.disk() },
            memory: await HealthProbe.measure { try SystemHealth.memory() },
            load: await HealthProbe.measure { try SystemHealth.load() }
        )
        return HealthReport(ok: checks.all.allSatisfy(\.ok), worker: worker, checks: checks)
    }
}
