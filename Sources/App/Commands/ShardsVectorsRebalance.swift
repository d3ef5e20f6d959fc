import ArgumentParser
import CeleryWorker
import TenantStore

/// `chard shards vectors rebalance`: takes collections and points to where the settings want them.
struct ShardsVectorsRebalance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebalance",
        abstract: "Move collections to where the settings want them, while workers go on.",
        discussion: """
            After a change of vectors.stores, vectors.routing or vectors.spread: first restart all workers with the new \
            settings, then run this. To remove a store give it `leaving: true`, and take it out of the settings when \
            this has ended. It may be interrupted, and goes on when it is run again. It reads nothing but the stores of \
            the settings, and moves every collection on them.
            """
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let vectors = try settings.load().vectors(logger: .errorsOnly)
        let report = try await VectorRebalance(vectors) { print($0) }.run()
        guard report.wasNeeded else { return print("nothing to do: the layout of the settings is in force") }
        print(
            "done: \(report.movedPoints) points of \(report.movedCollections) collections moved, "
                + "\(report.clearedCollections) collections deleted at their old place"
        )
    }
}
