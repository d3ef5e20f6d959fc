public import Connections

/// RabbitMQ's management API, for policies and for what the broker knows about itself (`management:` in queues.yaml).
public struct ManagementSettings: Sendable, Hashable {
    /// nil: nobody named one, and policies are not set.
    public var url: ManagementURL?
    /// How long one request may take.
    public var timeout: Duration = .seconds(10)

    public init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Management.self
        timeout = reader.duration(keys.timeout, in: .milliseconds(100) ... .seconds(600)) ?? timeout
        guard let value = reader.text(keys.url) else { return }
        do {
            url = try ManagementURL(value.text)
        } catch {
            reader.problem(error.description, keys.url, at: value)
        }
    }
}
