import ArgumentParser
import CeleryWorker

/// `chard call`: sends a task by its name.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Send a task; print its id, or with --wait its result as JSON.",
        discussion: """
            Returns when the broker has confirmed the message. With --wait: exit status 1 when the task failed, 2 when \
            it has not ended in time.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Argument(help: "The name of the task, e.g. system.health.ping.")
    var name: String

    @Option(name: [.customShort("a"), .long], help: "Positional arguments, a JSON array.")
    var args = "[]"

    @Option(name: [.customShort("k"), .long], help: "Keyword arguments, a JSON object.")
    var kwargs = "{}"

    @Option(name: [.customShort("Q"), .long], help: "The queue. Default: as the routes say.")
    var queue: String?

    @Option(name: .long, help: "Whose task it is: it goes to the partition of that agent.")
    var agent: String?

    @Option(name: .long, help: "Seconds to wait before the task may run.")
    var countdown: Seconds?

    @Option(name: .long, help: "Seconds after which it shall not run any more.")
    var expires: Seconds?

    @Option(name: .long, help: "0 to 255, higher first; needs a queue with max_priority.")
    var priority: UInt8 = 0

    @Option(name: .long, help: "json, msgpack or yaml.")
    var serializer = "json"

    @Option(name: .long, help: "The task's id. Default: a new UUID.")
    var taskID: String?

    @Flag(name: .long, help: "Have nothing stored for it.")
    var ignoreResult = false

    @OptionGroup var waiting: ResultWait

    func run() async throws {
        let configuration = try settings.load().quiet
        let (args, kwargs, options) = (try positional(), try keywords(), try options())
        if waiting.wait != nil, configuration.resultBackend.url == nil { throw CeleryError.noResultBackend("the task") }
        let celery = Celery(configuration: configuration)
        defer { celery.close() }
        let result = try await celery.send(name, args: args, kwargs: kwargs, options)
        guard waiting.wait != nil else { return print(result.id) }
        try await waiting.show(result)
    }

    private func positional() throws -> [CeleryValue] {
        guard case .array(let values) = try Self.parse(args, "--args") else {
            throw CeleryError.unencodable("--args must be a JSON array, e.g. --args '[1, 2]'")
        }
        return values
    }

    private func keywords() throws -> CeleryMap {
        guard case .map(let map) = try Self.parse(kwargs, "--kwargs") else {
            throw CeleryError.unencodable("--kwargs must be a JSON object, e.g. --kwargs '{\"x\": 1}'")
        }
        return map
    }

    private func options() throws -> SendOptions {
        guard let type = ContentType(serializer: serializer), [.json, .msgpack, .yaml].contains(type) else {
            throw CeleryError.unencodable("--serializer must be json, msgpack or yaml, not \(serializer)")
        }
        if ignoreResult, waiting.wait != nil {
            throw CeleryError.unencodable("--wait needs a result; leave out --ignore-result")
        }
        var options = SendOptions(
            queue: queue,
            countdown: countdown?.duration,
            expires: expires?.duration,
            priority: priority
        )
        if agent != nil, queue != nil {
            throw CeleryError.unencodable("--agent decides the queue; leave out --queue")
        }
        options.agentID = agent
        options.id = taskID
        options.serializer = type
        options.ignoreResult = ignoreResult ? true : nil
        return options
    }

    private static func parse(_ text: String, _ option: String) throws -> CeleryValue {
        do {
            return try JSONParser.parse(Array(text.utf8))
        } catch {
            throw CeleryError.unencodable("\(option): \(error)")
        }
    }
}
