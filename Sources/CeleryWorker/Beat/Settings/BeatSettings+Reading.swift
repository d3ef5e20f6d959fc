import Foundation

extension BeatSettings {
    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Beat.self
        self.init()
        zone = reader.timeZone(keys.timezone) ?? zone
        lockTTL = reader.duration(keys.lockTTL, in: .seconds(1) ... .seconds(600)) ?? lockTTL
        maxInterval = reader.duration(keys.maxInterval, in: .milliseconds(100) ... .seconds(3600)) ?? maxInterval
        keyPrefix = reader.text(keys.keyPrefix)?.text ?? keyPrefix
        cronStartingDeadline =
            reader.optionalDuration(keys.cronStartingDeadline, in: .seconds(1) ... .seconds(365 * 86400))?.value
        let list = reader.section(keys.entries, known: nil)
        for name in list.names {
            let section = list.section(named: name, known: ConfigKeys.BeatEntry.all)
            if let entry = BeatEntry(name, reading: section, zone: zone) { entries.append(entry) }
        }
    }
}

extension SettingsReader {
    /// A zone of the tz database.
    func timeZone(_ key: ConfigKey) -> TimeZone? {
        guard let value = text(key) else { return nil }
        if let zone = TimeZone(identifier: value.text) { return zone }
        let near = Suggestion.nearest(to: value.text, among: TimeZone.knownTimeZoneIdentifiers)
        let hint = near.map { "did you mean \"\($0)\"?" } ?? "e.g. UTC or Europe/Berlin"
        problem("unknown time zone \(value.quoted); \(hint)", key, at: value)
        return nil
    }
}
