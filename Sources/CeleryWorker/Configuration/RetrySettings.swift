/// How often and after which delays a failed task is tried again (`retry:` in queues.yaml).
public struct RetrySettings: Sendable, Hashable {
    /// nil: no limit.
    public var maxRetries: Int? = 5
    /// The delay before the first, second, … retry; the last one repeats. Never empty.
    public var backoff: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)]
    /// Whether a delay is drawn at random between half and all of it.
    public var jitter = true

    public init() {}

    /// What a section says, and nil where it is silent.
    public struct Overrides: Sendable, Hashable {
        public var maxRetries: OptionalSetting<Int>?
        public var backoff: [Duration]?
        public var jitter: Bool?

        public init() {}

        init(reading reader: SettingsReader) {
            let keys = ConfigKeys.Retry.self
            maxRetries = reader.optionalInteger(keys.maxRetries, in: 0...10000)
            backoff = reader.durations(keys.backoff, in: .zero ... .seconds(365 * 86400))
            jitter = reader.flag(keys.jitter)
        }

        public var isEmpty: Bool { self == Overrides() }
    }

    /// These settings with what `overrides` says.
    public func applying(_ overrides: Overrides) -> RetrySettings {
        var settings = self
        if let maxRetries = overrides.maxRetries { settings.maxRetries = maxRetries.value }
        settings.backoff = overrides.backoff ?? backoff
        settings.jitter = overrides.jitter ?? jitter
        return settings
    }
}
