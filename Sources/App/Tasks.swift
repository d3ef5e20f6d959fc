import CeleryWorker

/// The tasks that `chard worker` brings along; one file each in Tasks/, one line each here.
enum Tasks {
    /// - Parameter health: What `system.health.check` looks at beside broker, Redis and the machine.
    static func register(in celery: Celery, health: [HealthCheck] = []) {
        celery.register(EchoTask.self)
        celery.register(CountdownTask.self)
        celery.register(ChecksumTask.self)
        let trainer = Trainer(settings: celery.configuration.section(TrainingSettings.self))
        celery.register(TrainTask.self) { task, context in try await trainer.train(task, context) }
        celery.register(PingTask.self)
        let checks = HealthCheck.servers(of: celery) + HealthCheck.machine + health
        celery.register(HealthCheckTask.self) { await HealthReport.measure(checks, worker: $1.hostname) }
        celery.register(HealthNodeTask.self)
        celery.register(HealthFleetTask.self) { try await $0.report(celery, $1) }
        InferenceTasks(celery).register(in: celery)
    }
}
