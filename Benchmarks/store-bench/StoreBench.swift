import ArgumentParser

/// Measures the stores on real servers: one subcommand each, a line per number.
@main
struct StoreBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-bench",
        abstract: "Measure the stores of shared state, rows and vectors.",
        subcommands: [SessionsBench.self, VectorsBench.self]
    )
}
