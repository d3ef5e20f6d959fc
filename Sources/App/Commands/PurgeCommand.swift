import ArgumentParser
import CeleryWorker
import Connections
import Foundation

/// `chard purge`: drops the messages that wait in queues, as `celery purge` does.
struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Drop all messages that wait in the queues. There is no undo."
    )

    @OptionGroup var settings: SettingsOptions

    @Option(
        name: [.customShort("Q"), .long],
        help: "Names of queues, separated by commas. Default: all of the settings."
    )
    var queues: String?

    @Option(name: [.customShort("X"), .long], help: "Names of queues to leave alone.")
    var excludeQueues: String?

    @Flag(name: .long, help: "Purge the dead-letter queues of these queues instead.")
    var dead = false

    @Flag(name: [.customShort("f"), .long], help: "Do not ask.")
    var force = false

    func run() async throws {
        var overrides = settings.overrides
        overrides.queues = queues
        overrides.excludeQueues = excludeQueues
        let configuration = try WorkerConfiguration.load(overrides: overrides)
        let names = configuration.allConsumedQueues.map { dead ? $0.deadLetterQueue : $0.name }
        if !force { try Self.confirm(names, configuration) }
        let (admin, _) = try await AMQPBrokerAdmin.connect(configuration.broker, name: "chard purge")
        var total = 0
        var table = TextTable("queue", "messages dropped")
        for name in names {
            let count = try await admin.purge(name)
            total += count ?? 0
            table.add(name, count.map { "\($0)" } ?? "no such queue")
        }
        await admin.close()
        table.show()
        print(
            "Purged \(total) message\(total == 1 ? "" : "s") from \(names.count) queue\(names.count == 1 ? "" : "s")."
        )
    }

    private static func confirm(_ names: [String], _ configuration: WorkerConfiguration) throws {
        let broker = configuration.broker.urls.map(\.description).joined(separator: ";")
        guard isatty(STDIN_FILENO) != 0 else {
            throw ValidationError("nobody is there to be asked; -f drops the messages without asking")
        }
        print("This drops all messages that wait in \(names.joined(separator: ", ")) at \(broker). There is no undo.")
        print("Drop them? [yes/no] ", terminator: "")
        fflush(nil)
        guard readLine(strippingNewline: true)?.lowercased() == "yes" else {
            print("Nothing was dropped.")
            throw ExitCode.failure
        }
    }
}
