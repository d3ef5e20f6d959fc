import CeleryProtocol
import Foundation
import OrderedCollections
import Yams

extension BeatEntry {
    /// nil when something is wrong that leaves no entry; it has then been noted.
    init?(_ name: String, reading reader: SettingsReader, zone: TimeZone) {
        let keys = ConfigKeys.BeatEntry.self
        let task = reader.text(keys.task)?.text
        if task == nil { reader.problem("needs the name of a task, e.g. reports.daily", keys.task) }
        let isRelative = reader.flag(keys.relative) ?? false
        let schedule = BeatSchedule(reading: reader, isRelative: isRelative)
        let entryZone = reader.timeZone(keys.timezone) ?? zone
        let (args, kwargs) = (reader.list(keys.args), reader.map(keys.kwargs))
        let options = SendOptions(
            beat: reader,
            over: SendOptions(beat: reader.section(keys.options, known: ConfigKeys.BeatOptions.all))
        )
        let isEnabled = reader.flag(keys.enabled)
        let catchUp = reader.choice(keys.catchUp, of: CatchUp.self)
        let limit = reader.integer(keys.catchUpLimit, in: 1...10_000)
        guard let task, let schedule else { return nil }
        self.init(name: name, task: task, schedule: schedule, zone: entryZone)
        self.args = args ?? self.args
        self.kwargs = kwargs ?? self.kwargs
        self.options = options
        self.isEnabled = isEnabled ?? self.isEnabled
        self.catchUp = catchUp ?? self.catchUp
        catchUpLimit = limit ?? catchUpLimit
    }
}

extension SendOptions {
    /// The options of a periodic task; what the reader does not say is as in `base`.
    init(beat reader: SettingsReader, over base: SendOptions = SendOptions()) {
        let keys = ConfigKeys.BeatOptions.self
        let times = Duration.zero ... .seconds(3650 * 86400)
        self = base
        if let value = reader.text(keys.queue) {
            if let objection = QueueNames.objection(to: value.text) { reader.problem(objection, keys.queue, at: value) }
            queue = value.text
        }
        expires = reader.duration(keys.expires, in: times) ?? expires
        countdown = reader.duration(keys.countdown, in: times) ?? countdown
        priority = reader.integer(keys.priority, in: 0...255).map(UInt8.init) ?? priority
        softTimeLimit = reader.duration(ConfigKeys.Queue.softTimeLimit, in: .timeLimits) ?? softTimeLimit
        hardTimeLimit = reader.duration(ConfigKeys.Queue.timeLimit, in: .timeLimits) ?? hardTimeLimit
        ignoreResult = reader.flag(keys.ignoreResult) ?? ignoreResult
        headers = reader.map(keys.headers) ?? headers
        shadow = reader.text(keys.shadow)?.text ?? shadow
        if let value = reader.text(keys.serializer) {
            let type = ContentType(serializer: value.text)
            if let type, [.json, .msgpack, .yaml].contains(type) {
                serializer = type
            } else {
                reader.problem("must be json, msgpack or yaml, not \(value.quoted)", keys.serializer, at: value)
            }
        }
    }
}

extension SettingsReader {
    /// A list of any values.
    func list(_ key: ConfigKey) -> [CeleryValue]? {
        guard let value = anyValue(key) else { return nil }
        guard case .array(let values) = value else {
            problem("must be a list, e.g. [1, two]", key)
            return nil
        }
        return values
    }

    /// A map of any values.
    func map(_ key: ConfigKey) -> CeleryMap? {
        guard let value = anyValue(key) else { return nil }
        guard case .map(let map) = value else {
            problem("must be a map, e.g. {x: 1}", key)
            return nil
        }
        return map
    }

    private func anyValue(_ key: ConfigKey) -> CeleryValue? {
        guard let (node, line) = node(key), !node.isNull else { return nil }
        do {
            let value = try CeleryValue(yaml: node)
            if let double = value.firstDuplicate { problem("duplicate key \"\(double)\"", key, line: line) }
            return value
        } catch {
            problem("\(error)", key, line: line)
            return nil
        }
    }
}

extension CeleryValue {
    /// A key that its map has twice, as ``YAMLDocument`` marks it.
    fileprivate var firstDuplicate: String? {
        switch self {
        case .array(let values): return values.lazy.compactMap(\.firstDuplicate).first
        case .map(let map):
            for (key, value) in map {
                if key.hasPrefix(YAMLDocument.duplicatePrefix) {
                    return String(key.dropFirst(YAMLDocument.duplicatePrefix.count))
                }
                if let found = value.firstDuplicate { return found }
            }
            return nil
        default: return nil
        }
    }
}
