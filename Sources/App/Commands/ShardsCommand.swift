import ArgumentParser

/// `chard shards`: the servers that hold tenants' data.
struct ShardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shards",
        abstract: "Set up, show and rebalance the servers that hold tenants' data.",
        subcommands: [ShardsMigrate.self, ShardsStatus.self, ShardsMove.self, ShardsVectors.self],
        defaultSubcommand: ShardsStatus.self
    )
}
