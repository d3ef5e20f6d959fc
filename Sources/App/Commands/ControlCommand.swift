import ArgumentParser
import CeleryWorker

/// `chard control`: has workers do something.
struct ControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control",
        abstract: "Send the workers, Chard's and Python's, a control command.",
        discussion: """
            Commands:

            \(RemoteCommand.listing(.control))

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
        _ = try RemoteCommand.named(method, .control).boundArguments(arguments)
    }

    func run() async throws {
        guard !list, let method else { return print("Control Commands:\n\(RemoteCommand.listing(.control))") }
        let command = try RemoteCommand.named(method, .control)
        let replies = try await remote.ask(method, try command.boundArguments(arguments), showsReply: true)
        if remote.json {
            print(ReplyText.plain(.array(replies.map { .map([$0.node: $0.value]) })))
        }
    }
}
