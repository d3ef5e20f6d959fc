import ArgumentParser

/// `chard shards vectors`: the servers that hold collections of vectors.
struct ShardsVectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Show and rebalance the vector stores.",
        subcommands: [ShardsVectorsStatus.self, ShardsVectorsRebalance.self],
        defaultSubcommand: ShardsVectorsStatus.self
    )
}
