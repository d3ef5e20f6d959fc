import Foundation
import Yams

extension BeatSchedule {
    private static let intervals = Duration.milliseconds(100) ... .seconds(3650 * 86400)
    private static let advice = "e.g. 30s, {crontab: \"0 4 * * mon\"} or {solar: {event: sunset, …}}"

    /// Reads `schedule` of an entry; nil when it is missing or wrong, which has then been noted.
    init?(reading entry: SettingsReader, isRelative: Bool) {
        let key = ConfigKeys.BeatEntry.schedule
        guard let (node, _) = entry.node(key), !node.isNull else {
            entry.problem("needs a schedule, \(Self.advice)", key)
            return nil
        }
        if node.mapping == nil {
            guard let every = entry.duration(key, in: Self.intervals) else { return nil }
            self = .interval(IntervalSchedule(every: every, isRelative: isRelative))
            return
        }
        let keys = ConfigKeys.BeatSchedule.self
        let reader = entry.section(key, known: keys.all)
        let given = keys.all.filter { reader.node($0) != nil }
        guard given.count == 1 else {
            entry.problem("must have one of every, crontab and solar, \(Self.advice)", key)
            return nil
        }
        switch given[0] {
        case keys.every:
            guard let every = reader.duration(keys.every, in: Self.intervals) else { return nil }
            self = .interval(IntervalSchedule(every: every, isRelative: isRelative))
        case keys.crontab:
            guard let crontab = Self.crontab(reader) else { return nil }
            self = .crontab(crontab)
        default:
            guard let solar = Self.solar(reader.section(keys.solar, known: ConfigKeys.Solar.all)) else { return nil }
            self = .solar(solar)
        }
        if isRelative, given[0] != keys.every {
            entry.problem("is for intervals only", ConfigKeys.BeatEntry.relative)
        }
    }

    private static func crontab(_ reader: SettingsReader) -> Crontab? {
        let key = ConfigKeys.BeatSchedule.crontab
        do throws(CrontabError) {
            guard let (node, _) = reader.node(key), node.mapping != nil else {
                return try reader.value(key).map { value throws(CrontabError) in try Crontab(value.text) }
            }
            let names = CrontabField.allCases.map { ConfigKey($0.rawValue, "A field of a crontab.", isScalar: false) }
            let fields = reader.section(key, known: names)
            let texts = names.map { name in
                fields.node(name) == nil ? "*" : (fields.values(name) ?? []).map(\.text).joined(separator: ",")
            }
            return try Crontab(
                minute: texts[0],
                hour: texts[1],
                dayOfMonth: texts[2],
                monthOfYear: texts[3],
                dayOfWeek: texts[4]
            )
        } catch {
            reader.problem(error.description, key)
            return nil
        }
    }

    private static func solar(_ reader: SettingsReader) -> SolarSchedule? {
        let keys = ConfigKeys.Solar.self
        if reader.value(keys.event) == nil { reader.problem("needs an event, e.g. sunset", keys.event) }
        let event = reader.choice(keys.event, of: SolarEvent.self)
        let latitude = degrees(reader, keys.latitude, 90)
        let longitude = degrees(reader, keys.longitude, 180)
        guard let event, let latitude, let longitude else { return nil }
        return SolarSchedule(event: event, latitude: latitude, longitude: longitude)
    }

    private static func degrees(_ reader: SettingsReader, _ key: ConfigKey, _ limit: Double) -> Double? {
        guard let value = reader.value(key) else {
            reader.problem("needs degrees, -\(Int(limit)) to \(Int(limit))", key)
            return nil
        }
        guard let number = Double(plainNumber: value.text), abs(number) <= limit else {
            reader.problem("must be degrees from -\(Int(limit)) to \(Int(limit)), not \(value.quoted)", key, at: value)
            return nil
        }
        return number
    }
}
