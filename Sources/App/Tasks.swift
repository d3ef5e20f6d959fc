import CeleryWorker

/// The tasks that `chard worker` brings along; one file each in Tasks/, one line each here.
enum Tasks {
    static func register(in celery: Celery) {
        celery.register(EchoTask.self)
        celery.register(CountdownTask.self)
        celery.register(ChecksumTask.self)
        let trainer = Trainer(settings: celery.configuration.section(TrainingSettings.self))
        celery.register(TrainTask.self) { task, context in try await trainer.train(task, context) }
        celery.register(PingTask.self)
        celery.register(HealthCheckTask.self) { _, context in await HealthReport.measure(celery, context.hostname) }
    }
}
