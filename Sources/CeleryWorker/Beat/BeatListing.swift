public import CeleryProtocol
import Connections
public import Foundation

/// The entries with their last and next runs, for those who look.
public struct BeatListing: Sendable {
    public struct Row: Sendable {
        public var entry: BeatEntry
        /// nil: it has not run yet, or nobody remembers.
        public var last: Timestamp?
        /// A time that has passed is overdue. nil: it does not run, or never again.
        public var next: Timestamp?
        /// A run was begun and not confirmed yet.
        public var isPending: Bool
    }

    public var rows: [Row]
    /// The beat that sends, host and process; nil when none does, or nobody can tell.
    public var leader: String?
    /// Whether `leader` can be told: it is kept in Redis.
    public var knowsLeader = false

    /// Reads the last runs from Redis; without one, next runs are counted from now.
    public init(_ celery: Celery) async throws {
        let settings = celery.configuration.beat
        let prefix = celery.configuration.resultBackend.keyPrefix + settings.keyPrefix
        let memory: BeatMemory
        if let client = celery.results?.client {
            memory = try await RedisBeatStore(client: client, prefix: prefix).memory()
            let lock = try await client.send(RedisCommand("GET", key: RedisBeatLock.lockKey(prefix)))
            leader = lock.text.map(RedisBeatLock.holder)
            knowsLeader = true
        } else {
            memory = BeatMemory()
        }
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        rows = settings.entries.map { entry in
            let stored = memory.last[entry.name]
            let from = stored?.fingerprint == entry.fingerprint ? stored?.time ?? now : now
            return Row(
                entry: entry,
                last: stored?.time,
                next: entry.isEnabled ? entry.schedule.next(after: from, anchor: from, in: entry.zone) : nil,
                isPending: memory.pending[entry.name] != nil
            )
        }
    }

    /// ISO 8601 on the clock of the zone, to the second: `2026-03-29T04:00:00+02:00`.
    public static func text(_ moment: Timestamp, in zone: TimeZone) -> String {
        let local = LocalTime(moment, in: zone)
        let (date, time) = (local.date, local.secondOfDay)
        let offset = zone.offset(at: moment.wholeSeconds)
        func pad(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day))"
            + "T\(pad(time / 3600)):\(pad(time / 60 % 60)):\(pad(time % 60))"
            + "\(offset < 0 ? "-" : "+")\(pad(abs(offset) / 3600)):\(pad(abs(offset) / 60 % 60))"
    }
}
