public import Connections

/// Where results are stored (`result_backend:` in queues.yaml).
public struct ResultBackendSettings: Sendable, Hashable {
    /// nil: results are not stored in Redis.
    public var url: RedisURL?
    /// Whether results go back to their senders as messages; Celery's `rpc://`.
    public var isRPC = false
    /// Whether those messages survive a restart of the broker; Celery's result_persistent.
    public var isPersistent = false
    /// How long Redis keeps a result; nil for ever. Celery's result_expires.
    public var expires: Duration? = .seconds(86400)
    /// Before every key; Celery's `global_keyprefix`.
    public var keyPrefix = ""
    /// Whether results carry name, arguments, worker, retries and queue; Celery's result_extended.
    public var extended = false
    /// Whether the results of a chord's parts come in the order of the parts; Celery's `result_chord_ordered`.
    public var chordOrdered = true
    /// How long Redis may take to answer.
    public var timeout: Duration = .seconds(10)

    public init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.ResultBackend.self
        isRPC = reader.text(keys.url).map { $0.text == "rpc" || $0.text.hasPrefix("rpc://") } ?? false
        isPersistent = reader.flag(keys.persistent) ?? isPersistent
        url = isRPC ? nil : Self.url(reader)
        if let setting = reader.optionalDuration(keys.expires, in: .seconds(1) ... .seconds(315_360_000)) {
            expires = setting.value
        }
        keyPrefix = reader.text(keys.keyPrefix)?.text ?? keyPrefix
        chordOrdered = reader.flag(keys.chordOrdered) ?? chordOrdered
        extended = reader.flag(keys.extended) ?? extended
        timeout = reader.duration(keys.timeout, in: .milliseconds(100) ... .seconds(600)) ?? timeout
    }

    private static func url(_ reader: SettingsReader) -> RedisURL? {
        let key = ConfigKeys.ResultBackend.url
        guard let value = reader.text(key), !["disabled", "disabled://"].contains(value.text) else { return nil }
        do {
            let url = try RedisURL(value.text)
            if !url.ignoredParameters.isEmpty {
                reader.context.warning("\(url): ignored parameters: \(url.ignoredParameters.joined(separator: ", "))")
            }
            return url
        } catch {
            reader.problem(error.description, key, at: value)
            return nil
        }
    }
}
