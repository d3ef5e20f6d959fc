import ArgumentParser
import CeleryWorker
import Foundation

/// What `chard status`, `inspect` and `control` have in common.
struct RemoteOptions: ParsableArguments {
    @OptionGroup var settings: SettingsOptions

    @Option(name: [.customShort("t"), .long], help: "Seconds to wait for answers.")
    var timeout: Seconds = Seconds(argument: "1")!

    @Option(name: [.customShort("d"), .long], help: "Names of the nodes that are meant, separated by commas.")
    var destination: [String] = []

    @Flag(name: [.customShort("j"), .long], help: "Print the answers as JSON.")
    var json = false

    /// Nil when none is named.
    private var nodes: [String]? {
        let names = destination.flatMap { $0.split(separator: ",") }.map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
        return names.isEmpty ? nil : names
    }

    /// Sends the request, prints each answer as it comes (not as JSON), and returns all of them.
    ///
    /// - Throws: exit status 69 when nobody answers or the broker can't be reached, as Celery's.
    func ask(_ command: String, _ arguments: CeleryMap, showsReply: Bool) async throws -> [ControlClient.Reply] {
        let celery = Celery(configuration: try settings.load().quiet)
        defer { celery.close() }
        let options = ControlClient.Options(to: nodes, timeout: timeout.duration)
        let isJSON = json
        let replies: [ControlClient.Reply]
        do {
            replies = try await celery.control.broadcast(command, arguments: arguments, options) { reply in
                if !isJSON { Self.show(ReplyText.chat(reply.node, reply.value, showsReply: showsReply)) }
            }
        } catch {
            throw Self.unavailable("\(error)")
        }
        guard !replies.isEmpty else { throw Self.unavailable("No nodes replied within time constraint") }
        return replies
    }

    /// Prints at once: it may stand in a pipe.
    private static func show(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func unavailable(_ text: String) -> ExitCode {
        FileHandle.standardError.write(Data("Error: \(text)\n".utf8))
        return ExitCode(69)
    }

    static func online(_ count: Int) -> String { "\n\(count) node\(count == 1 ? "" : "s") online." }
}

extension [ControlClient.Reply] {
    /// Answers by node; of two nodes with one name the later one counts.
    var byNode: CeleryValue { .map(CeleryMap(map { ($0.node, $0.value) }, uniquingKeysWith: { $1 })) }

    /// How many nodes have answered.
    var nodeCount: Int { Set(map(\.node)).count }
}

extension RemoteCommand {
    /// The command of that name.
    ///
    /// - Throws: a usage error that names all there are.
    static func named(_ name: String, _ kind: Kind) throws -> RemoteCommand {
        if let command = all(kind).first(where: { $0.name == name }) { return command }
        let names = all(kind).map(\.name).joined(separator: ", ")
        throw ValidationError("Command \(name) not recognized. Available \(kind.rawValue) commands: \(names)")
    }

    /// As `bind`, with a usage error of the command line's own kind.
    func boundArguments(_ words: [String]) throws -> CeleryMap {
        do {
            return try bind(words)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
