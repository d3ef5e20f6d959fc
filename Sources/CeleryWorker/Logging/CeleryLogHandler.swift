import Connections
import Foundation
public import Logging

/// Writes log lines to standard error in Celery's format, `[2026-01-02 03:04:05,678: INFO/MainProcess] text`.
public struct CeleryLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]

    public init(level: Logger.Level) { logLevel = level }

    /// A logger that writes so.
    public static func logger(level: Logger.Level) -> Logger {
        Logger(label: "chard") { _ in CeleryLogHandler(level: level) }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var text = "\(event.message)"
        if let name = metadata[LogKeys.taskName], let id = metadata[LogKeys.taskID] { text = "\(name)[\(id)]: \(text)" }
        let line = "[\(Self.timestamp()): \(Self.name(of: event.level))/\(PoolMembership.processName)] \(text)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    private static func name(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    /// Local time, as Python's logging prints it.
    private static func timestamp() -> String {
        let microseconds = WallClock.microseconds
        let offset = Int64(TimeZone.current.secondsFromGMT())
        let seconds = microseconds / 1_000_000 + offset
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        let (year, month, day) = civil(days)
        func pad(_ number: Int64, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(year, 4))-\(pad(month))-\(pad(day)) \(pad(rest / 3600)):\(pad(rest / 60 % 60)):\(pad(rest % 60)),"
            + pad(microseconds / 1000 % 1000, 3)
    }

    /// The date of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = days + 719_468
        let era = z / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
