import CeleryWorker

/// The tasks that `chard worker` brings along; one file each in Tasks/, one line each here.
enum Tasks {
    static func register(in celery: Celery) {
        celery.register(EchoTask.self)
        celery.register(CountdownTask.self)
        celery.register(ChecksumTask.self)
        celery.register(PingTask.self)
        celery.register(HealthCheckTask.self) { _, context in await HealthReport.measure(celery, context.hostname) }
        InferenceTasks(celery).register(in: celery)
    }
}
