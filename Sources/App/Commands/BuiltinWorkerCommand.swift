import ArgumentParser
import CeleryWorker

/// `chard worker`: the library's worker command with the tasks of ``Tasks``.
struct BuiltinWorkerCommand: AsyncParsableCommand {
    static let configuration = WorkerCommand.configuration

    @OptionGroup var options: WorkerCommand

    func run() async throws {
        let celery = Celery(configuration: try WorkerConfiguration.load(overrides: options.overrides))
        let stores = Stores(celery)
        Tasks.register(in: celery, stores)
        try await options.run(celery)
        await stores.close()
    }
}
