import CeleryWorker

/// Something that the worker depends on, and how to ask whether it is well.
///
/// Parts of the program give theirs to ``Tasks/register(in:health:)``; `system.health.check` runs all of them at once.
struct HealthCheck: Sendable {
    /// As the report names it, e.g. `redis`, `postgres:a`, `vectors:one`, `inference:http://a:11434`; unique.
    var name: String
    /// Returns the numbers behind it; an error that it throws says what is wrong, without secrets. It may be cancelled.
    var probe: @Sendable () async throws -> CeleryValue

    init(_ name: String, _ probe: @escaping @Sendable () async throws -> CeleryValue) {
        self.name = name
        self.probe = probe
    }
}

extension HealthCheck {
    /// The servers that every worker depends on.
    static func servers(of celery: Celery) -> [HealthCheck] {
        [
            HealthCheck("broker") {
                _ = try await celery.checkBroker()
                return [:]
            },
            HealthCheck("redis") { ["configured": .bool(try await celery.checkResultBackend() != nil)] },
        ]
    }

    /// The machine that it runs on.
    static let machine = [
        HealthCheck("disk") { try SystemHealth.disk() },
        HealthCheck("memory") { try SystemHealth.memory() },
        HealthCheck("load") { try SystemHealth.load() },
    ]
}
