import Synchronization

/// A section of queues.yaml that belongs to an application's own parts rather than to the worker.
///
/// Its reader notes what is wrong and goes on; loading then throws every problem at once. All layers apply: each scalar
/// `x` of the section `shards` may also come from `CHARD_SHARDS_X`. A section that is missing is read as an empty one.
package protocol SettingsSection: Sendable {
    static var key: ConfigKey { get }
    /// The keys that may stand in it; nil when they are names of the user's choice.
    static var known: [ConfigKey]? { get }
    init(reading reader: SettingsReader)
}

/// The sections that this program reads, registered once before the first load.
enum SettingsSections {
    private static let registered = Mutex<[any SettingsSection.Type]>([])

    static var all: [any SettingsSection.Type] { registered.withLock { $0 } }

    static func register(_ sections: [any SettingsSection.Type]) {
        registered.withLock { $0 = sections }
    }

    /// The sections of `chard`; programs that do not know them leave them unread.
    static let names = ["shards", "vectors", "state", "inference", "training", "monitor"]
}

extension WorkerConfiguration {
    /// Says which sections the settings of this program have beside the worker's own; call it before loading any.
    package static func register(sections: [any SettingsSection.Type]) { SettingsSections.register(sections) }

    /// A section that was registered before these settings were loaded; else one with nothing but defaults.
    package func section<Section: SettingsSection>(_ type: Section.Type) -> Section {
        if let section = sections[type.key.name] as? Section { return section }
        let context = SettingsContext(file: file ?? "queues.yaml", environment: [:], overrides: [:])
        return Section(reading: SettingsReader(nil, path: type.key.name, line: nil, known: nil, context: context))
    }
}
