import ArgumentParser
import CeleryWorker

/// What `chard inspect` and `chard control` take: a command and its arguments.
struct RemoteCall: ParsableArguments {
    @OptionGroup var remote: RemoteOptions

    @Flag(name: .long, help: "List the commands.")
    var list = false

    @Argument(help: "The command.")
    var method: String?

    @Argument(help: "Its arguments.")
    var arguments: [String] = []

    func validate(_ kind: RemoteCommand.Kind) throws {
        guard !list else { return }
        guard let method else { throw ValidationError("Missing expected argument '<method>'") }
        _ = try RemoteCommand.named(method, kind).boundArguments(arguments)
    }

    /// Sends the command; lists what there is when that is asked for, and then answers nil.
    func replies(_ kind: RemoteCommand.Kind, title: String) async throws -> [ControlClient.Reply]? {
        guard !list, let method else {
            print("\(title) Commands:\n\(RemoteCommand.listing(kind))")
            return nil
        }
        let command = try RemoteCommand.named(method, kind)
        return try await remote.ask(method, try command.boundArguments(arguments), showsReply: true)
    }
}
