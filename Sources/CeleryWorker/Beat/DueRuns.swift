import CeleryProtocol
import Connections

/// Which runs of an entry are to be sent now. Pure: the same times give the same answer.
struct DueRuns: Hashable {
    /// To be sent, the oldest first.
    var runs: [Timestamp] = []
    /// Missed runs that are not sent any more; at least so many.
    var dropped = 0
    /// From which time on to go on counting.
    var last: Timestamp
    /// The first run after `now`; nil when there is none.
    var next: Timestamp?

    /// - Parameters:
    ///   - last: The time of the last run.
    ///   - grace: How late a run may be without counting as missed; a beat that takes over needs that long.
    ///   - deadline: The age at which a crontab's run is dropped whatever its policy (`crontab.is_due`).
    init(of entry: BeatEntry, last: Timestamp, now: Timestamp, grace: Duration, deadline: Duration?) {
        self.last = last
        let first = entry.schedule.next(after: last, anchor: last, in: entry.zone)
        guard let first, first <= now else {
            next = first
            return
        }
        let limit = entry.catchUp == .all ? entry.catchUpLimit : 1
        let (newest, count) = Self.newest(limit, of: entry, after: last, through: now)
        var oldest = Duration.seconds(Int64.max / 4)
        if entry.catchUp == .skip { oldest = min(oldest, grace) }
        if case .crontab = entry.schedule, let deadline { oldest = min(oldest, deadline) }
        runs = newest.filter { Self.age(of: $0, at: now) <= oldest }
        dropped = count - runs.count
        self.last = newest.last ?? last
        next = entry.schedule.next(after: self.last, anchor: self.last, in: entry.zone)
    }

    /// The newest times after `last` and up to `now`. Looks back as far as it must, and not from a year ago on.
    private static func newest(
        _ limit: Int,
        of entry: BeatEntry,
        after last: Timestamp,
        through now: Timestamp
    ) -> (times: [Timestamp], count: Int) {
        var window = Duration.seconds(60)
        while true {
            let start = max(last, now.advanced(by: .zero - window))
            var times: [Timestamp] = []
            var time = start
            while let next = entry.schedule.next(after: time, anchor: last, in: entry.zone), next <= now {
                times.append(next)
                time = next
            }
            if times.count >= limit || start == last { return (Array(times.suffix(limit)), times.count) }
            window = window * 4
        }
    }

    private static func age(of time: Timestamp, at now: Timestamp) -> Duration {
        .microseconds(now.microsecondsSince1970 - time.microsecondsSince1970)
    }
}

extension BeatEntry {
    /// Whether the last run lies so far in the future that the clock must have been wrong when it was noted.
    ///
    /// Lesser jumps back are waited out, so that nothing is sent twice.
    func isFromWrongClock(_ last: Timestamp, now: Timestamp) -> Bool {
        let isInterval = if case .interval = schedule { true } else { false }
        return last > now.advanced(by: .seconds(isInterval ? 60 : 86_400))
    }
}
