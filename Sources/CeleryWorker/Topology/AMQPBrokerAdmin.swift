import Connections
import Logging

/// The command line's way to the broker: each call runs on a channel of its own.
package final class AMQPBrokerAdmin: BrokerAdmin {
    private let calls: AMQPPublisher
    package let brokerVersion: String
    /// How long the broker may take to let us in.
    private static let patience = Duration.seconds(4)

    private init(_ calls: AMQPPublisher, brokerVersion: String) {
        self.calls = calls
        self.brokerVersion = brokerVersion
    }

    /// Connects to the first URL that answers. Throws what the last one said.
    package static func connect(_ settings: BrokerSettings, name: String) async throws -> (AMQPBrokerAdmin, BrokerURL) {
        var options = AMQPOptions()
        options.heartbeat = settings.heartbeat
        options.connectTimeout = settings.connectTimeout
        options.connectionName = name
        options.tls = settings.tls
        // What goes wrong is thrown; a log line beside it would say it twice.
        let silent = Logger(label: "chard.admin") { _ in SwiftLogNoOpLogHandler() }
        let calls = AMQPPublisher(urls: settings.urls, options: options, logger: silent)
        do {
            let (version, url) = try await calls.perform(timeout: max(patience, settings.connectTimeout)) {
                (connection, _) in (connection.brokerVersion, connection.url)
            }
            return (AMQPBrokerAdmin(calls, brokerVersion: version), url)
        } catch {
            calls.stop()
            throw error
        }
    }

    package func declareExchange(_ name: String, type: String) async throws -> Bool {
        try await calls.perform { (connection, channel) throws(AMQPError) in
            try connection.ensureExchange(name, type: type, channel: channel)
        }
    }

    package func declareQueue(_ name: String, arguments: [String: AMQPArgument]) async throws -> Bool {
        try await calls.perform { (connection, channel) throws(AMQPError) in
            try connection.ensureQueue(name, arguments: arguments, channel: channel)
        }
    }

    package func bind(queue: String, exchange: String, routingKey: String) async throws {
        try await calls.perform { (connection, channel) throws(AMQPError) in
            try connection.bindQueue(queue, exchange: exchange, routingKey: routingKey, channel: channel)
        }
    }

    package func exchangeExists(_ name: String) async throws -> Bool {
        try await unlessMissing { (connection, channel) throws(AMQPError) in
            try connection.declareExchange(name, passive: true, channel: channel)
        } != nil
    }

    package func status(ofQueue name: String) async throws -> QueueStatus? {
        try await unlessMissing { (connection, channel) throws(AMQPError) in
            let answer = try connection.declareQueue(name, passive: true, channel: channel)
            return QueueStatus(messages: answer.messages, consumers: answer.consumers)
        }
    }

    package func purge(_ queue: String) async throws -> Int? {
        try await unlessMissing { (connection, channel) throws(AMQPError) in
            try connection.purgeQueue(queue, channel: channel)
        }
    }

    package func close() async { calls.stop() }

    /// Nil when the broker knows no such thing.
    private func unlessMissing<Value: Sendable>(
        _ call: @escaping @Sendable (AMQPConnection, UInt16) throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value? {
        do throws(AMQPError) {
            return try await calls.perform(call)
        } catch  where error.code == .channelClosed(404) {
            return nil
        }
    }
}
