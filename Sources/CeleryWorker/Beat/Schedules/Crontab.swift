public import CeleryProtocol
public import Foundation

/// Times that match minute, hour, day of month, month and day of week: Celery's `crontab` (`celery/schedules.py`).
///
/// Unlike cron's, all three day fields must match: `0 4 13 * fri` is every Friday the 13th.
public struct Crontab: Sendable, Hashable, CustomStringConvertible {
    private let texts: [String]
    private let minutes: UInt64
    private let hours: UInt64
    private let daysOfMonth: UInt64
    private let months: UInt64
    private let weekdays: UInt64

    /// The longest month of each number, with a leap year's February.
    private static let monthLengths = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    /// All dates and weekdays of the calendar come again after 400 years; any that match do so within 40.
    private static let searchedDays = 366 * 41

    /// Reads `minute hour day_of_month month_of_year day_of_week` (`crontab.from_string`).
    init(_ text: String) throws(CrontabError) {
        let texts = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard texts.count == 5 else {
            throw CrontabError(
                field: nil,
                reason: "needs five fields, minute hour day_of_month month_of_year day_of_week, and has \(texts.count)"
            )
        }
        try self.init(
            minute: texts[0],
            hour: texts[1],
            dayOfMonth: texts[2],
            monthOfYear: texts[3],
            dayOfWeek: texts[4]
        )
    }

    init(
        minute: String = "*",
        hour: String = "*",
        dayOfMonth: String = "*",
        monthOfYear: String = "*",
        dayOfWeek: String = "*"
    ) throws(CrontabError) {
        texts = [minute, hour, dayOfMonth, monthOfYear, dayOfWeek]
        minutes = try CrontabField.minute.parse(minute)
        hours = try CrontabField.hour.parse(hour)
        daysOfMonth = try CrontabField.dayOfMonth.parse(dayOfMonth)
        months = try CrontabField.monthOfYear.parse(monthOfYear)
        weekdays = try CrontabField.dayOfWeek.parse(dayOfWeek)
        let firstDay = daysOfMonth.trailingZeroBitCount
        let (chosen, lengths) = (months, Self.monthLengths)
        guard (1...12).contains(where: { chosen & 1 << UInt64($0) != 0 && firstDay <= lengths[$0] }) else {
            throw CrontabError(
                field: CrontabField.dayOfMonth.rawValue,
                reason: "\"\(dayOfMonth)\" never occurs in month_of_year \"\(monthOfYear)\""
            )
        }
    }

    /// The five fields as they were written.
    public var description: String { texts.joined(separator: " ") }

    /// The first matching time after `moment`, on the clock of `zone`.
    ///
    /// Where the clock is set forward, all times it leaps over come once, together, at the end of the gap. (Celery
    /// sends them later by the length of the gap.) Where it is set back, a time that comes twice counts the first time
    /// only, as in Celery. nil: none within 40 years, which no accepted crontab has.
    public func next(after moment: Timestamp, in zone: TimeZone) -> Timestamp? {
        let start = LocalTime(moment, in: zone)
        var day = start.days
        var minute = start.secondOfDay / 60
        for _ in 0..<Self.searchedDays {
            if matches(day: day) {
                while let found = nextMinute(from: minute) {
                    let time = LocalTime(seconds: day * LocalTime.day + found * 60).moment(in: zone)
                    if time > moment { return time }
                    minute = found + 1
                }
            }
            day += 1
            minute = 0
        }
        return nil
    }

    private func matches(day: Int) -> Bool {
        let time = LocalTime(seconds: day * LocalTime.day)
        guard Self.has(weekdays, time.weekday) else { return false }
        let date = time.date
        return Self.has(months, date.month) && Self.has(daysOfMonth, date.day)
    }

    /// The first matching minute of a day, counted from midnight, that is not before `minute`.
    private func nextMinute(from minute: Int) -> Int? {
        guard minute < 1440 else { return nil }
        let hour = minute / 60
        if Self.has(hours, hour), let found = Self.first(minutes, from: minute % 60) { return hour * 60 + found }
        guard let next = Self.first(hours, from: hour + 1) else { return nil }
        return next * 60 + minutes.trailingZeroBitCount
    }

    private static func has(_ set: UInt64, _ value: Int) -> Bool { set & 1 << UInt64(value) != 0 }

    private static func first(_ set: UInt64, from value: Int) -> Int? {
        let rest = set >> UInt64(value)
        return rest == 0 ? nil : value + rest.trailingZeroBitCount
    }
}
