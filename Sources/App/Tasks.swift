import CeleryWorker

/// The tasks that `chard worker` brings along; one file each in Tasks/, one line each here.
enum Tasks {
    static func register(in celery: Celery, _ stores: Stores) {
        celery.register(EchoTask.self)
        stores.inference.register(in: celery)

        celery.register(ChecksumTask.self)
        celery.register(IngestTask.self) { try await $0.run(stores, $1) }
        celery.register(QueryTask.self) { try await $0.run(stores, $1) }
        celery.register(IndexTask.self) { try await $0.run(stores, $1) }
        celery.register(SearchTask.self) { try await $0.run(stores, $1) }
        celery.register(DeleteTenantTask.self) { try await $0.run(stores, $1) }

        let trainer = Trainer(settings: celery.configuration.section(TrainingSettings.self))
        celery.register(CountdownTask.self)
        celery.register(TrainTask.self) { task, context in try await trainer.train(task, context) }

        let checks = HealthCheck.servers(of: celery) + HealthCheck.machine + stores.healthChecks
        celery.register(PingTask.self)
        celery.register(HealthCheckTask.self) { await HealthReport.measure(checks, worker: $1.hostname) }
        celery.register(HealthNodeTask.self)
        celery.register(HealthFleetTask.self) { try await $0.report(celery, $1) }
    }
}
