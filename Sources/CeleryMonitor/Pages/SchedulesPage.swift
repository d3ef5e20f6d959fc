import CeleryProtocol
import CeleryWorker
import Foundation

/// The periodic tasks: when they ran, when they run next, which are overdue, and which beat sends them.
struct SchedulesPage: Page {
    struct Row: Sendable {
        var entryName: String
        var taskName: String
        var tasksPath: String
        var words: String
        var exact: String
        var last: FormattedTime?
        var next: FormattedTime?
        var nextText: String
        var stateText: String
        var stateKind: String
        var isOverdue: Bool
        var zone: String
        var catchUp: String
        var queue: String?
    }

    struct Model: Sendable {
        var rows: [Row]
        var isEmpty: Bool
        var leaderText: String
        var leaderKind: String
        var problem: String?
        var advice: String?
    }

    static let path = "/schedules"
    static let template = "schedules"
    static let section: Section? = .schedules
    /// Runs that are later than this are overdue: a beat sends within fractions of a second, another takes over after
    /// its lock has expired; seconds.
    static let patience = 15.0

    init(_ request: PageRequest) throws(PageError) {}

    var topics: Set<Topic> { [.every(seconds: 5)] }

    func title(_ model: Model) -> String { "Schedules" }

    func model(_ monitor: Monitor) async throws -> Model {
        let listing: BeatListing
        do {
            listing = try await BeatListing(monitor.celery)
        } catch {
            throw PageError.unavailable("The last runs can't be read from Redis: \(error)")
        }
        let entries = monitor.celery.configuration.beat.entries
        let runs = listing.leader != nil
        return Model(
            rows: listing.rows.map { Self.row($0, monitor) },
            isEmpty: entries.isEmpty,
            leaderText: listing.leader.map { "\($0) sends" }
                ?? (listing.knowsLeader
                    ? "no beat sends: start one with chard beat or chard worker -B"
                    : "without Redis nobody knows which beat sends"),
            leaderKind: runs ? "good" : listing.knowsLeader && !entries.isEmpty ? "critical" : "off"
        )
    }

    private static func row(_ row: BeatListing.Row, _ monitor: Monitor) -> Row {
        let now = Format.now
        let next = row.next.map { Double($0.microsecondsSince1970) / 1e6 }
        let late = next.map { now - $0 } ?? 0
        let isOverdue = row.entry.isEnabled && late > patience
        let (state, kind) =
            !row.entry.isEnabled
            ? ("disabled", "off")
            : isOverdue ? ("overdue", "critical") : row.isPending ? ("being sent", "started") : ("on time", "good")
        return Row(
            entryName: row.entry.name,
            taskName: row.entry.task,
            tasksPath: "/tasks\(Format.query([("name", row.entry.task)]))",
            words: ScheduleWords.text(row.entry.schedule),
            exact: "\(row.entry.schedule)",
            last: row.last.map { Format.time(Double($0.microsecondsSince1970) / 1e6, now: now) },
            next: next.map { Format.time($0, now: now) },
            nextText: isOverdue ? "overdue for \(Format.duration(late))" : next.map { Format.ago(now - $0) } ?? "never",
            stateText: state,
            stateKind: kind,
            isOverdue: isOverdue,
            zone: row.entry.zone.identifier,
            catchUp: row.entry.catchUp.rawValue,
            queue: row.entry.options.queue ?? monitor.celery.configuration.catalogue.queue(forTask: row.entry.task).name
        )
    }
}
