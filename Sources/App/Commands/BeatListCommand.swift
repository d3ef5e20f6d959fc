import ArgumentParser
import CeleryWorker
import Foundation

/// `chard beat list`: shows the periodic tasks and their next runs.
struct BeatListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the periodic tasks, when they ran last and when they run next."
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: .long, help: "A JSON array instead of a table.")
    var json = false

    func run() async throws {
        let celery = Celery(configuration: try settings.load().quiet)
        defer { celery.close() }
        let listing = try await BeatListing(celery)
        if json { return print(String(decoding: JSONWriter.bytes(.array(listing.rows.map(value))), as: UTF8.self)) }
        var table = TextTable("name", "task", "schedule", "last run", "next run")
        for row in listing.rows {
            table.add(
                row.entry.name,
                row.entry.task,
                "\(row.entry.schedule)",
                text(row.last, row) ?? "never",
                row.entry.isEnabled ? text(row.next, row) ?? "never" : "disabled"
            )
        }
        if table.isEmpty { return print("There are no periodic tasks: beat.entries is empty.") }
        table.show()
    }

    private func text(_ moment: Timestamp?, _ row: BeatListing.Row) -> String? {
        moment.map { BeatListing.text($0, in: row.entry.zone) }
    }

    private func value(_ row: BeatListing.Row) -> CeleryValue {
        [
            "name": .string(row.entry.name),
            "task": .string(row.entry.task),
            "schedule": .string("\(row.entry.schedule)"),
            "timezone": .string(row.entry.zone.identifier),
            "enabled": .bool(row.entry.isEnabled),
            "catch_up": .string(row.entry.catchUp.rawValue),
            "last_run": text(row.last, row).map(CeleryValue.string) ?? .null,
            "next_run": text(row.next, row).map(CeleryValue.string) ?? .null,
            "pending": .bool(row.isPending),
        ]
    }
}
