import ArgumentParser
import CeleryWorker
import TenantStore

/// `chard worker`: the library's worker command with the tasks of ``Tasks``.
struct BuiltinWorkerCommand: AsyncParsableCommand {
    static let configuration = WorkerCommand.configuration

    @OptionGroup var options: WorkerCommand

    func run() async throws {
        let celery = Celery(configuration: try WorkerConfiguration.load(overrides: options.overrides))
        let state = StateSettings.store(celery.configuration, node: celery.nodename, logger: celery.logger)
        Tasks.register(in: celery, health: state.map { [.state($0)] } ?? [])
        try await options.run(celery)
        await state?.close()
    }
}
