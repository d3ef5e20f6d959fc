import ArgumentParser
import CeleryWorker
import Foundation

/// The `chard` executable. Its subcommands stand in Commands/, its tasks in Tasks/.
@main
struct Chard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chard",
        abstract: "A distributed task worker that speaks Celery's protocol.",
        discussion: """
            Settings come from queues.yaml (--config), the environment (CELERY_BROKER_URL, CELERY_RESULT_BACKEND, \
            CHARD_…) and the options. Exit status: 0 when all is well, 1 for an error, 2 when a result is not there in \
            time, 64 for a wrong command line, 69 when no worker answers.
            """,
        version: ChardVersion.current,
        subcommands: [
            BuiltinWorkerCommand.self, CallCommand.self, ResultCommand.self, PurgeCommand.self, TopologyCommand.self,
            CheckCommand.self, BeatCommand.self, StatusCommand.self, InspectCommand.self, ControlCommand.self,
            EventsCommand.self, PartitionsCommand.self, ShardsCommand.self, MonitorCommand.self,
        ]
    )

    static func main() async {
        WorkerConfiguration.register(sections: Sections.all)
        do {
            let arguments = ResultWait.completed(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }
}
