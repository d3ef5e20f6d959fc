import CeleryWorker

/// `system.health.check()` measures what the worker stands on: every server that it is configured for, disk, memory and
/// load.
///
/// It succeeds whatever it finds; the answer says what is wrong. See ``HealthReport``.
struct HealthCheckTask: CeleryTask {
    typealias Output = HealthReport

    static let name = "system.health.check"
    /// Longer than a server that is silent may take, so that the answer can say so.
    static let options = TaskOptions(softTimeLimit: .seconds(20), hardTimeLimit: .seconds(25))
}
