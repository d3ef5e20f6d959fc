import ArgumentParser
import CeleryWorker

/// `chard status`: which workers are up.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show list of workers that are online.",
        discussion: "Exit status 69 when no worker answers in time."
    )

    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let replies = try await remote.ask("ping", [:], showsReply: false)
        if remote.json { print(ReplyText.plain(replies.byNode)) }
        print(RemoteOptions.online(replies.nodeCount))
    }
}
