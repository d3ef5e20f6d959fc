import ArgumentParser
import CeleryWorker

/// `chard topology`: what the queues need on the broker.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Show, declare or compare what the queues need on the broker.",
        subcommands: [TopologyShow.self, TopologyApply.self, TopologyDiffCommand.self],
        defaultSubcommand: TopologyShow.self
    )
}
