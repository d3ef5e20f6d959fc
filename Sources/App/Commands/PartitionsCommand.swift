import ArgumentParser
import CeleryWorker
import Connections

/// `chard partitions`: who serves which partition, and what waits in it.
struct PartitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partitions",
        abstract: "Show the partitions: owner, waiting messages, consumers; or the one of an agent.",
        discussion: """
            The owner is who the workers have agreed on, by way of Redis. "served by" is who consumes the partition at \
            this moment: while it is handed over that is the old owner too, until what runs there has ended. Exit status \
            1 when messages wait in a partition that nobody consumes.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Option(name: .long, help: "Only the partition of this agent.")
    var agent: String?

    @Flag(name: .long, help: "A JSON array instead of a table.")
    var json = false

    func run() async throws {
        let configuration = try settings.load().quiet
        guard let partitions = configuration.catalogue.partitions else {
            throw ValidationError(
                "nothing is partitioned: \(configuration.file ?? "queues.yaml") has no section partitions"
            )
        }
        let rows = try await PartitionRow.all(configuration, partitions)
        let chosen = agent.map { [rows[partitions.partition(of: $0)]] } ?? rows
        if json {
            print(String(decoding: JSONWriter.bytes(.array(chosen.map(\.value))), as: UTF8.self))
        } else {
            Self.table(chosen).show()
        }
        if chosen.contains(where: { ($0.status?.messages ?? 0) > 0 && $0.status?.consumers == 0 }) {
            throw ExitCode.failure
        }
    }

    private static func table(_ rows: [PartitionRow]) -> TextTable {
        var table = TextTable("partition", "queue", "waiting", "consumers", "owner", "served by")
        for row in rows {
            table.add(
                "\(row.number)",
                row.queue,
                row.status.map { "\($0.messages)" } ?? "no such queue",
                row.status.map { "\($0.consumers)" } ?? "",
                row.owner ?? "-",
                row.servedBy.isEmpty ? "-" : row.servedBy.joined(separator: ", ")
            )
        }
        return table
    }
}
