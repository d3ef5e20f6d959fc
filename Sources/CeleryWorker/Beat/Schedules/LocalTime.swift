import CeleryProtocol
import Foundation

/// What the clock on the wall shows in some time zone, as the seconds from 1970-01-01 00:00 of that clock.
struct LocalTime: Sendable, Hashable, Comparable {
    var seconds: Int

    static let day = 86_400

    init(seconds: Int) { self.seconds = seconds }

    init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0) {
        seconds = Timestamp.days(year: year, month: month, day: day) * Self.day + hour * 3600 + minute * 60
    }

    /// What the clock shows at a moment.
    init(_ moment: Timestamp, in zone: TimeZone) {
        let utc = moment.wholeSeconds
        seconds = utc + zone.offset(at: utc)
    }

    var days: Int { (seconds - secondOfDay) / Self.day }
    var secondOfDay: Int { (seconds % Self.day + Self.day) % Self.day }
    /// 0 is Sunday, as in a crontab. 1970-01-01 was a Thursday.
    var weekday: Int { ((days + 4) % 7 + 7) % 7 }
    var date: (year: Int, month: Int, day: Int) { Timestamp.civil(days: days) }

    /// The moment at which the clock shows this time.
    ///
    /// A time that comes twice, because the clock is set back, means the first of the two. A time that never comes,
    /// because the clock is set forward over it, means the end of the gap.
    func moment(in zone: TimeZone) -> Timestamp {
        let before = zone.offset(at: seconds - Self.day)
        let after = zone.offset(at: seconds + Self.day)
        let candidates = [seconds - max(before, after), seconds - min(before, after)]
        if let first = candidates.first(where: { $0 + zone.offset(at: $0) == seconds }) {
            return Timestamp(seconds: first)
        }
        var (low, high) = (candidates[0], candidates[1])
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if middle + zone.offset(at: middle) > seconds { high = middle } else { low = middle }
        }
        return Timestamp(seconds: high)
    }

    static func < (left: LocalTime, right: LocalTime) -> Bool { left.seconds < right.seconds }
}

extension TimeZone {
    /// Seconds east of Greenwich at that second since 1970.
    func offset(at seconds: Int) -> Int {
        secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
}

extension Timestamp {
    init(seconds: Int) { self.init(microsecondsSince1970: Int64(seconds) * 1_000_000) }

    /// Seconds since 1970, rounded down.
    var wholeSeconds: Int {
        let (quotient, remainder) = microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
        return Int(remainder < 0 ? quotient - 1 : quotient)
    }
}
