import ArgumentParser
import CeleryWorker
import TenantStore

/// `chard shards migrate`: tables, roles and ownership on every server. It deletes nothing and may be repeated.
struct ShardsMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring tables and roles of every server up to date, and give it the tenants that nobody owns yet.",
        discussion: """
            The URLs' user must own the database, and may create the role chard_tenant unless it exists. What a server \
            owns already stays there; only `chard shards move` takes it elsewhere.
            """
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let layout = try settings.load().shardLayout()
        let steps = try await ShardSetup(layout, logger: .errorsOnly).run()
        for step in steps { print("\(step.server): \(step.text)") }
        if steps.isEmpty { print("nothing to do: \(layout.servers.count) servers are up to date") }
    }
}

extension Logger {
    /// For commands, whose own errors say what matters.
    static var errorsOnly: Logger {
        CeleryLogHandler.logger(level: .critical)
    }
}
