import CeleryWorker

/// A schedule as a person says it: `every Monday at 04:00`.
enum ScheduleWords {
    static func text(_ schedule: BeatSchedule) -> String {
        switch schedule {
        case .interval(let interval): interval.isRelative ? "\(schedule)" : "every \(duration(interval.every))"
        case .crontab(let crontab): crontabText("\(crontab)") ?? "\(schedule)"
        case .solar(let solar):
            "every day at \(solar.event.rawValue.replacing("_", with: " ")), \(solar.latitude)°, \(solar.longitude)°"
        }
    }

    private static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let text = Format.duration(Double(seconds) + Double(attoseconds) / 1e18)
        return text.hasPrefix("1 ") && !text.dropFirst(2).contains(" ") ? String(text.dropFirst(2)) : text
    }

    /// Nil for one that is said best by its five fields.
    static func crontabText(_ text: String) -> String? {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 5, fields[3] == "*" else { return nil }
        let (minute, hour, day, weekday) = (fields[0], fields[1], fields[2], fields[4])
        if hour == "*", day == "*", weekday == "*" {
            if minute == "*" { return "every minute" }
            if minute.hasPrefix("*/"), let step = Int(minute.dropFirst(2)) { return "every \(step) minutes" }
            return Int(minute).map { $0 == 0 ? "every hour" : "every hour at minute \($0)" }
        }
        if minute == "0", hour.hasPrefix("*/"), day == "*", weekday == "*", let step = Int(hour.dropFirst(2)) {
            return "every \(step) hours"
        }
        guard let clock = clock(hour, minute) else { return nil }
        switch (day, weekday) {
        case ("*", "*"): return "every day at \(clock)"
        case ("*", _): return weekdays(weekday).map { "every \($0) at \(clock)" }
        case (_, "*"): return Int(day).map { "on day \($0) of every month at \(clock)" }
        default: return nil
        }
    }

    private static func clock(_ hour: String, _ minute: String) -> String? {
        guard let hour = Int(hour), let minute = Int(minute) else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(hour)):\(two(minute))"
    }

    /// `mon`, `1`, `mon,wed`, `mon-fri`; Sunday is 0.
    private static func weekdays(_ field: String) -> String? {
        let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        func name(_ text: some StringProtocol) -> String? {
            if let number = Int(text), (0...7).contains(number) { return names[number % 7] }
            return names.first {
                $0.lowercased().prefix(3) == text.lowercased() || $0.lowercased() == text.lowercased()
            }
        }
        let range = field.split(separator: "-").compactMap(name)
        if field.contains("-"), !field.contains(",") {
            return range.count == 2 ? "day from \(range[0]) to \(range[1])" : nil
        }
        let parts = field.split(separator: ",")
        let days = parts.compactMap(name)
        return days.count == parts.count && !days.isEmpty ? days.joined(separator: ", ") : nil
    }
}
