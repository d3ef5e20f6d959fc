import Foundation

/// How values are written for people, the same on every page.
enum Format {
    /// A moment for `<time datetime="{{iso}}" title="{{full}}">{{text}}</time>`; UTC.
    ///
    /// - Parameter now: Seconds since 1970; moments of its day are told without the date.
    static func time(_ seconds: Double, now: Double = Format.now) -> FormattedTime {
        let bounded = bounded(seconds)
        let parts = Parts(bounded)
        let today = Parts(Self.bounded(now))
        let isToday = parts.day == today.day && parts.month == today.month && parts.year == today.year
        let date = "\(parts.year)-\(two(parts.month))-\(two(parts.day))"
        let clock = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        let day =
            parts.year == today.year ? "\(parts.day) \(months[parts.month - 1])" : date
        let milliseconds = three(parts.millisecond)
        return FormattedTime(
            iso: "\(date)T\(clock).\(milliseconds)Z",
            text: isToday ? clock : "\(day) \(clock)",
            full: "\(date) \(clock).\(milliseconds) UTC",
            precise: isToday ? "\(clock).\(milliseconds)" : "\(day) \(clock).\(milliseconds)",
            ago: ago(now - bounded)
        )
    }

    /// The other is meant wherever both could be.
    @_disfavoredOverload
    static func time(_ seconds: Double?, now: Double = Format.now) -> FormattedTime? {
        seconds.map { time($0, now: now) }
    }

    /// Of this machine's clock, seconds since 1970.
    static var now: Double { Date().timeIntervalSince1970 }

    /// `12 s ago`, `in 3 min`, `now`.
    static func ago(_ seconds: Double) -> String {
        if abs(seconds) < 1 || !seconds.isFinite { return "now" }
        let text = coarse(abs(seconds))
        return seconds > 0 ? "\(text) ago" : "in \(text)"
    }

    /// `1.2 ms`, `3.4 s`, `2 h 5 min`, `3 d 4 h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        if seconds < 0 { return "−" + duration(-seconds) }
        switch seconds {
        case 0: return "0 s"
        case ..<0.000_999_5: return "\(significant(seconds * 1_000_000)) µs"
        case ..<0.999_5: return "\(significant(seconds * 1000)) ms"
        case ..<59.95: return "\(significant(seconds)) s"
        default: return coarse(seconds)
        }
    }

    @_disfavoredOverload
    static func duration(_ seconds: Double?) -> String? { seconds.map { duration($0) } }

    /// `12,345`.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "−\(text)" : text
    }

    /// Per second: `0/s`, `0.25/s`, `1.2 k/s`.
    static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond > 0 else { return "0/s" }
        if perSecond < 0.01 { return "<0.01/s" }
        if perSecond < 999.5 { return "\(significant(perSecond))/s" }
        return perSecond < 999_500
            ? "\(significant(perSecond / 1000)) k/s" : "\(significant(perSecond / 1_000_000)) M/s"
    }

    /// `512 B`, `1.4 MiB`.
    static func bytes(_ number: Int) -> String {
        var value = Double(max(0, number))
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if value < 1023.5 || unit == "TiB" { return "\(significant(value)) \(unit)" }
            value /= 1024
        }
        return "\(number) B"
    }

    /// `12.3 %`; a share of 1.
    static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let value = share * 100
        if value > 0, value < 0.1 { return "<0.1 %" }
        return value < 9.95 ? "\(oneDecimal(value)) %" : "\(whole(value)) %"
    }

    /// `1 task`, `2 tasks`; with thousands' commas.
    static func number(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(Format.count(count)) \(count == 1 ? one : many ?? one + "s")"
    }

    /// The class of a badge for a task's state: see style.css.
    static func stateClass(_ state: String) -> String {
        switch state {
        case "PENDING", "RECEIVED", "STARTED", "SUCCESS", "FAILURE", "RETRY", "REVOKED", "REJECTED": state.lowercased()
        default: "other"
        }
    }

    /// At most `limit` characters, with an ellipsis where it was cut.
    static func short(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit, text.count > limit else { return text }
        return String(text.prefix(max(1, limit - 1))) + "…"
    }

    /// One path component of an address.
    static func path(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
    }

    /// A query's value.
    static func query(_ text: String) -> String { path(text) }

    /// `?a=1&b=2`, or nothing.
    static func query(_ fields: [(key: String, value: String)]) -> String {
        fields.isEmpty ? "" : "?" + fields.map { "\(query($0.key))=\(query($0.value))" }.joined(separator: "&")
    }
}

/// A moment as pages show it.
struct FormattedTime: Sendable, Hashable {
    /// For machines, with milliseconds.
    var iso: String
    /// `21:03:12`, with the day when it is another one.
    var text: String
    /// `2026-11-21 21:03:12.123 UTC`.
    var full: String
    /// As `text`, with milliseconds.
    var precise: String
    /// `12 s ago`.
    var ago: String
}

extension Format {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Years 1970 to 9999: others come from broken clocks, and must not trap.
    private static func bounded(_ seconds: Double) -> Double {
        seconds.isFinite ? min(max(0, seconds), 253_402_300_799) : 0
    }

    /// Of whole seconds and more: `59 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    private static func coarse(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(), 1e12))
        func pair(_ one: Int, _ unit: String, _ rest: Int, _ small: String) -> String {
            rest == 0 ? "\(one) \(unit)" : "\(one) \(unit) \(rest) \(small)"
        }
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<600: return pair(whole / 60, "min", whole % 60, "s")
        case ..<3600: return "\(whole / 60) min"
        case ..<86_400: return pair(whole / 3600, "h", whole % 3600 / 60, "min")
        case ..<864_000: return pair(whole / 86_400, "d", whole % 86_400 / 3600, "h")
        default: return "\(whole / 86_400) d"
        }
    }

    /// Three significant digits below 100, whole above.
    private static func significant(_ value: Double) -> String {
        if value >= 99.95 { return whole(value) }
        if value >= 9.995 { return oneDecimal(value) }
        let text = String(format: "%.2f", value)
        return text.hasSuffix("00") ? String(text.dropLast(3)) : text.hasSuffix("0") ? String(text.dropLast()) : text
    }

    private static func oneDecimal(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func whole(_ value: Double) -> String { count(Int(min(max(value.rounded(), -1e15), 1e15))) }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func three(_ number: Int) -> String {
        number < 10 ? "00\(number)" : number < 100 ? "0\(number)" : "\(number)"
    }

    /// A moment's date and time in UTC, by Howard Hinnant's `civil_from_days`; pages hold hundreds of them, and Foundation's formatters are slow.
    private struct Parts {
        var year: Int
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var second: Int
        var millisecond: Int

        /// - Parameter seconds: Bounded.
        init(_ seconds: Double) {
            let milliseconds = Int((seconds * 1000).rounded(.down))
            let whole = milliseconds / 1000
            millisecond = milliseconds % 1000
            (hour, minute, second) = (whole % 86_400 / 3600, whole % 3600 / 60, whole % 60)
            let shifted = whole / 86_400 + 719_468
            let era = shifted / 146_097
            let dayOfEra = shifted % 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }
}
