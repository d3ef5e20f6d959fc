public import CeleryProtocol
public import Foundation

/// When a periodic task runs.
public enum BeatSchedule: Sendable, Hashable {
    case interval(IntervalSchedule)
    case crontab(Crontab)
    case solar(SolarSchedule)

    /// The first time after `moment`; nil when there is none.
    ///
    /// - Parameter anchor: The time of the last run, which intervals are counted from.
    public func next(after moment: Timestamp, anchor: Timestamp, in zone: TimeZone) -> Timestamp? {
        switch self {
        case .interval(let schedule): schedule.next(after: moment, anchor: anchor, in: zone)
        case .crontab(let schedule): schedule.next(after: moment, in: zone)
        case .solar(let schedule): schedule.next(after: moment)
        }
    }
}

extension BeatSchedule: CustomStringConvertible {
    /// In words: `every 30s`, `crontab 0 4 * * mon`, `sunrise at 52.5 13.4`.
    public var description: String {
        switch self {
        case .interval(let schedule): "every \(schedule.every.settingText)\(schedule.isRelative ? " (relative)" : "")"
        case .crontab(let schedule): "crontab \(schedule)"
        case .solar(let schedule): "\(schedule.event.rawValue) at \(schedule.latitude) \(schedule.longitude)"
        }
    }
}
