import ArgumentParser

/// The options by which every command finds its settings.
package struct SettingsArguments: ParsableArguments {
    @Option(name: .long, help: "Settings file. Default: CHARD_CONFIG, else queues.yaml if there is one.")
    package var config: String?

    @Option(name: [.customShort("b"), .long], help: "Broker URL, or several separated by ';'.")
    package var broker: String?

    @Option(name: .long, help: "URL of the Redis that keeps results, or none.")
    package var resultBackend: String?

    @Option(name: .long, help: "URL of RabbitMQ's management API.")
    package var management: String?

    package init() {}

    package var overrides: ConfigurationOverrides {
        var overrides = ConfigurationOverrides()
        overrides.file = config
        overrides.broker = broker
        overrides.resultBackend = resultBackend
        overrides.management = management
        return overrides
    }

    /// Reads the settings of this process. Throws `ConfigurationError`.
    package func load() throws(ConfigurationError) -> WorkerConfiguration {
        try WorkerConfiguration.load(overrides: overrides)
    }
}
