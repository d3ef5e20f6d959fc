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

    @OptionGroup var remote: RemoteOptions

    @Flag(name: .long, help: "List the commands.")
    var list = false

    @Argument(help: "The command.")
    var method: String?

    @Argument(help: "Its arguments.")
    var arguments: [String] = []

    func validate() throws {
        guard !list else { return }
        guard let method else { throw ValidationError("Missing expected argument '<method>'") }
        _ = try RemoteCommand.named(method, .inspect).boundArguments(arguments)
    }

    func run() async throws {
        guard !list, let method else { return print("Inspect Commands:\n\(RemoteCommand.listing(.inspect))") }
        let command = try RemoteCommand.named(method, .inspect)
        let replies = try await remote.ask(method, try command.boundArguments(arguments), showsReply: true)
        print(remote.json ? ReplyText.plain(replies.byNode) : RemoteOptions.online(replies.nodeCount))
    }
}
