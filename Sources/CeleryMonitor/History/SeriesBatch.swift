import Foundation
import GRDB

/// The counts of a batch of events, by span of time; added to those of the file.
struct SeriesBatch {
    enum Kind: Int {
        case all = 0
        case name, worker
    }

    struct Key: Hashable {
        var step: Int
        var kind: Kind
        var key: String
        var time: Int
    }

    struct Counts {
        var numbers = [Int](repeating: 0, count: SeriesBatch.columns.count)
        var runtime = LogHistogram()
        var waiting = LogHistogram()
    }

    static let columns = ["sent", "received", "started", "succeeded", "failed", "retried", "revoked", "rejected"]
    private static let positions = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    /// Events of this long ago are still counted where they belong; what a worker's clock says beyond is not believed.
    private static let late = 3600.0

    private let now: Double
    private var counts: [Key: Counts] = [:]

    init(now: Double) { self.now = now }

    mutating func count(_ event: TaskEventReading, name: String?, worker: String?, runtime: Double?, waiting: Double?) {
        guard let position = Self.positions[event.subject] else { return }
        let isPlausible = event.timestamp > now - Self.late && event.timestamp < now + 5
        let time = isPlausible ? event.timestamp : now
        var keys = [(Kind.all, "")]
        if let name { keys.append((.name, name)) }
        if let worker { keys.append((.worker, worker)) }
        for (kind, key) in keys {
            for step in SeriesSteps.all where step.has(kind) {
                let place = Key(step: step.seconds, kind: kind, key: key, time: step.beginning(of: time))
                counts[place, default: Counts()].numbers[position] += 1
                if let runtime { counts[place]?.runtime.add(runtime) }
                if let waiting { counts[place]?.waiting.add(waiting) }
            }
        }
    }

    func write(to db: Database) throws {
        let read = try db.cachedStatement(
            sql: "SELECT runtime, waiting FROM series WHERE step = ? AND kind = ? AND key = ? AND time = ?"
        )
        let columns = Self.columns
        let write = try db.cachedStatement(
            sql: """
                INSERT INTO series (step, kind, key, time, \(columns.joined(separator: ", ")), runtime, waiting)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (step, kind, key, time) DO UPDATE SET
                \(columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", ")),
                runtime = excluded.runtime, waiting = excluded.waiting
                """
        )
        for (key, more) in counts {
            var (runtime, waiting) = (more.runtime, more.waiting)
            let place: [(any DatabaseValueConvertible)?] = [key.step, key.kind.rawValue, key.key, key.time]
            if let row = try Row.fetchOne(read, arguments: StatementArguments(place)) {
                if let bytes = row[0] as Data? { runtime.add(LogHistogram(bytes)) }
                if let bytes = row[1] as Data? { waiting.add(LogHistogram(bytes)) }
            }
            let values = more.numbers.map { $0 as (any DatabaseValueConvertible)? }
            let histograms = [runtime, waiting].map { $0.counts.isEmpty ? nil : $0.bytes }
            try write.execute(arguments: StatementArguments(place + values + histograms))
        }
    }
}

/// How finely time is cut, and for how long each is kept. A thousand workers must not fill the disk.
struct SeriesSteps: Sendable {
    let seconds: Int
    /// Seconds.
    let kept: Double

    static let fine = SeriesSteps(seconds: 10, kept: 6 * 3600)
    static let minutes = SeriesSteps(seconds: 60, kept: 2 * 86_400)
    static let hours = SeriesSteps(seconds: 3600, kept: 90 * 86_400)
    static let all = [fine, minutes, hours]

    func has(_ kind: SeriesBatch.Kind) -> Bool { kind != .worker || seconds > Self.fine.seconds }

    func beginning(of time: Double) -> Int { Int(time / Double(seconds)) * seconds }

    /// The coarsest that is fine enough and kept for so long.
    static func suitable(from: Double, step: Double, kind: SeriesBatch.Kind, now: Double) -> SeriesSteps {
        let kept = all.filter { $0.has(kind) && now - from <= $0.kept }
        return kept.last { Double($0.seconds) <= step } ?? kept.first ?? hours
    }
}
