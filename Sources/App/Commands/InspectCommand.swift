import ArgumentParser
import CeleryWorker

/// `chard inspect`: asks workers how they are.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Inspect the workers, Chard's and Python's, by sending them an inspect command.",
        discussion: """
            Commands:

            \(RemoteCommand.listing(.inspect))

            Exit status 69 when no worker answers in time.
            """
    )

    @OptionGroup var call: RemoteCall

    func validate() throws { try call.validate(.inspect) }

    func run() async throws {
        guard let replies = try await call.replies(.inspect, title: "Inspect") else { return }
        print(call.remote.json ? ReplyText.plain(replies.byNode) : RemoteOptions.online(replies.nodeCount))
    }
}
