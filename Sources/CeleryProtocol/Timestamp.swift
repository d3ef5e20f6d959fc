/// A moment: microseconds since 1970-01-01 00:00 UTC, the precision of Python's `datetime`.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970, UTC; negative before.
    public let microsecondsSince1970: Int64

    public init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// Reads what `dateutil.parser.isoparse` reads, as Celery does for `eta` and `expires` (`celery/utils/time.py`,
    /// `maybe_iso8601`). A text without a zone is UTC. Nil for anything else, and for week and ordinal dates.
    public init?(iso text: String) {
        guard let parts = ISODateTime(text) else { return nil }
        self.init(parts)
    }

    init(_ parts: ISODateTime) {
        let days = Self.days(year: parts.year, month: parts.month, day: parts.day)
        let seconds = days * 86_400 + parts.hour * 3_600 + parts.minute * 60 + parts.second - (parts.offset ?? 0)
        self.init(microsecondsSince1970: Int64(seconds) * 1_000_000 + Int64(parts.microsecond))
    }

    /// Python's `isoformat()` in UTC: `2026-01-02T03:04:05.678901+00:00`; no fraction when it is zero.
    ///
    /// Moments outside the years 1 to 9999 print as the nearest one that Python can hold.
    public var iso: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var stamp = DateStamp()
        stamp.append(microsecondsSince1970: microsecondsSince1970, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { iso }

    /// Seconds since 1970, UTC.
    public var secondsSince1970: Double { Double(microsecondsSince1970) / 1_000_000 }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    /// The algorithm is that of https://howardhinnant.github.io/date_algorithms.html (days_from_civil).
    package static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date that lies so many days after 1970-01-01 (civil_from_days of the same page).
    package static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
