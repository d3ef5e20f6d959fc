public import ArgumentParser

/// The options by which every command finds its settings.
public struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: "Settings file. Default: CHARD_CONFIG, else queues.yaml if there is one.")
    public var config: String?

    @Option(name: .shortAndLong, help: "Broker URL, or several separated by ';'. Overrides CELERY_BROKER_URL.")
    public var broker: String?

    @Option(name: .long, help: "URL of the Redis that keeps results, or none. Overrides CELERY_RESULT_BACKEND.")
    public var resultBackend: String?

    @Option(name: .long, help: "URL of RabbitMQ's management API.")
    public var management: String?

    public init() {}

    public var overrides: ConfigurationOverrides {
        var overrides = ConfigurationOverrides()
        overrides.file = config
        overrides.broker = broker
        overrides.resultBackend = resultBackend
        overrides.management = management
        return overrides
    }

    /// Reads the settings of this process.
    public func load() throws(ConfigurationError) -> WorkerConfiguration {
        try WorkerConfiguration.load(overrides: overrides)
    }
}
