public import ArgumentParser

/// The options by which every command finds its settings.
public struct SettingsOptions: ParsableArguments {
    @Option(help: "The settings file. Default: queues.yaml, if there is one here.")
    public var config: String?
    @Option(name: .shortAndLong, help: "URL of the broker; several separated by ';'. Overrides CELERY_BROKER_URL.")
    public var broker: String?
    @Option(help: "URL of the result backend. Overrides CELERY_RESULT_BACKEND.")
    public var resultBackend: String?

    public init() {}

    public var overrides: ConfigurationOverrides {
        var overrides = ConfigurationOverrides()
        overrides.file = config
        overrides.broker = broker
        overrides.resultBackend = resultBackend
        return overrides
    }
}
