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

    @OptionGroup var call: RemoteCall

    func validate() throws { try call.validate(.control) }

    func run() async throws {
        guard let replies = try await call.replies(.control, title: "Control") else { return }
        if call.remote.json { print(ReplyText.plain(.array(replies.map { .map([$0.node: $0.value]) }))) }
    }
}
