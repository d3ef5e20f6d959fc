import CeleryWorker

/// `system.health.node()` measures the machine of the worker that runs it (processor, memory, disk, load) and the
/// worker's process.
///
/// It succeeds whatever it finds; the answer says what is wrong. See ``NodeReport``.
struct HealthNodeTask: RunnableTask {
    static let name = "system.health.node"
    static let options = TaskOptions(softTimeLimit: .seconds(20), hardTimeLimit: .seconds(25))

    func run(_ context: TaskContext) async throws -> NodeReport {
        await NodeReport.measure(worker: context.hostname)
    }
}
