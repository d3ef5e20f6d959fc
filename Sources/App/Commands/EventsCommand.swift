import ArgumentParser
import CeleryWorker
import Foundation

/// `chard events`: shows what workers and senders tell, a line for each event.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show the events of workers and tasks as they happen.",
        discussion: """
            Workers send task events when they were started with -E, or after `control enable_events`. Ends with Ctrl-C.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: [.customShort("d"), .long], help: .hidden)
    var dump = false

    @Flag(help: "Print each event as JSON.")
    var json = false

    func run() async throws {
        var configuration = try settings.load()
        configuration.worker.logLevel = .error
        let celery = Celery(configuration: configuration)
        defer { celery.close() }
        if !json { print("-> evdump: starting capture...") }
        var lines = EventLine()
        for await event in celery.events() {
            if json {
                print(String(decoding: JSONWriter.bytes(.map(event)), as: UTF8.self))
            } else if let line = lines.text(event) {
                print(line)
            }
            fflush(nil)
        }
    }
}
