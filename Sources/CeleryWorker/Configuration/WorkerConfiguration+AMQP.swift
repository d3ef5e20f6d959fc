package import Connections

extension WorkerConfiguration {
    /// How connections to the broker are made.
    ///
    /// - Parameter name: What the management page shows.
    package func amqpOptions(name: String) -> AMQPOptions {
        var options = AMQPOptions()
        options.heartbeat = broker.heartbeat
        options.connectTimeout = broker.connectTimeout
        options.connectionName = name
        options.tls = broker.tls
        return options
    }
}
