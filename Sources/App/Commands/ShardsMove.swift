import ArgumentParser
import CeleryWorker
import Sharding
import TenantStore

/// `chard shards move`: takes tenants to another server while tasks go on.
struct ShardsMove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move tenants to another server while tasks go on.",
        discussion: """
            Writes of the tenants wait for a moment at the end; nothing else does. A move that was interrupted goes on \
            when the command is given again. Workers follow by themselves; change shards.servers afterwards, so that new \
            ones find the tenants at once.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Option(name: .long, help: "The tenants, as 1000..1999 or one tenant's number.")
    var tenants: String

    @Option(name: .customLong("to"), help: "The server's name in shards.servers.")
    var server: String

    @Option(name: .long, help: "Seconds to wait for servers that are away, default 60.")
    var timeout: Seconds?

    func run() async throws {
        let layout = try settings.load().shardLayout()
        let move = try TenantMove(
            TenantRange(tenants),
            to: server,
            layout: layout,
            patience: timeout?.duration ?? .seconds(60),
            logger: .errorsOnly
        )
        let report = try await move.run()
        await move.close()
        for part in report.parts {
            let fence = part.fenced.components
            let milliseconds = fence.seconds * 1_000 + fence.attoseconds / 1_000_000_000_000_000
            print(
                "tenants \(part.range): \(part.rows) rows from \(part.source) to \(server); writes waited \(milliseconds) ms"
            )
        }
        if report.parts.isEmpty { print("nothing to do: tenants \(tenants) are on \(server)") }
    }
}
