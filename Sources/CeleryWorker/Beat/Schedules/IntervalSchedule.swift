import CeleryProtocol
import Connections
import Foundation

/// Every so often, counted from the last run: Celery's `schedule` (`celery/schedules.py`).
///
/// Times lie on a grid from the first one, so that lateness does not add up as it does in Celery.
public struct IntervalSchedule: Sendable, Hashable {
    /// At least a millisecond.
    public let every: Duration
    /// Whether a time is rounded down to the unit of the interval on the clock of the zone: to midnight for days, to
    /// the full hour or minute for these. Celery's `relative`.
    public let isRelative: Bool

    private let microseconds: Int64

    public init(every: Duration, isRelative: Bool = false) {
        self.every = every
        self.isRelative = isRelative
        microseconds = max(1000, every.nanoseconds / 1000)
    }

    /// The first time after `moment` of those that `anchor`, the time of some run, leads to.
    func next(after moment: Timestamp, anchor: Timestamp, in zone: TimeZone) -> Timestamp {
        guard let unit else {
            let passed = moment.microsecondsSince1970 - anchor.microsecondsSince1970
            let steps = passed < 0 ? 1 : passed / microseconds + 1
            return Timestamp(microsecondsSince1970: anchor.microsecondsSince1970 + steps * microseconds)
        }
        // Rounded times depend on the one before only by their unit, so the moment itself may stand for it.
        return rounded(after: max(moment, anchor), unit, in: zone)
    }

    /// Seconds of the unit that relative times are rounded to; nil: not at all (`celery/utils/time.py`,
    /// `delta_resolution`).
    private var unit: Int? {
        guard isRelative else { return nil }
        return [86_400, 3600, 60].first { Int64($0) * 1_000_000 <= microseconds }
    }

    private func rounded(after moment: Timestamp, _ unit: Int, in zone: TimeZone) -> Timestamp {
        let seconds = Int(microseconds / 1_000_000)
        let end: LocalTime
        if unit == LocalTime.day {
            // Days are those of the calendar, whatever the clock does meanwhile.
            end = LocalTime(seconds: LocalTime(moment, in: zone).seconds + seconds)
        } else {
            end = LocalTime(Timestamp(microsecondsSince1970: moment.microsecondsSince1970 + microseconds), in: zone)
        }
        var local = LocalTime(seconds: end.seconds - end.secondOfDay % unit)
        while true {
            let time = local.moment(in: zone)
            if time > moment { return time }
            local.seconds += unit
        }
    }
}
