import Foundation

/// The two forms of time that Flower reads (`flower/utils/tasks.py`, `flower/api/tasks.py`).
enum FlowerTime {
    /// `2026-03-29 04:00` on the clock of a zone; seconds since 1970.
    static func minute(_ text: String, in zone: TimeZone) -> Double? {
        guard let found = text.wholeMatch(of: /(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2})/) else { return nil }
        let parts = [found.1, found.2, found.3, found.4, found.5].compactMap { Int($0) }
        return seconds(parts + [0], in: zone)
    }

    /// `2026-03-29 04:00:00.000000`, UTC as Celery takes a time without zone; seconds since 1970.
    static func precise(_ text: String) -> Double? {
        let form = /(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,6})/
        guard let found = text.wholeMatch(of: form) else { return nil }
        let parts = [found.1, found.2, found.3, found.4, found.5, found.6].compactMap { Int($0) }
        guard let whole = seconds(parts, in: .gmt), let fraction = Double("0.\(found.7)") else { return nil }
        return whole + fraction
    }

    private static func seconds(_ parts: [Int], in zone: TimeZone) -> Double? {
        guard parts.count == 6, (1...12).contains(parts[1]), parts[3] < 24, parts[4] < 60, parts[5] < 62 else {
            return nil
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let components = DateComponents(
            year: parts[0],
            month: parts[1],
            day: parts[2],
            hour: parts[3],
            minute: parts[4],
            second: parts[5]
        )
        guard let date = calendar.date(from: components), calendar.component(.day, from: date) == parts[2] else {
            return nil
        }
        return date.timeIntervalSince1970
    }
}
