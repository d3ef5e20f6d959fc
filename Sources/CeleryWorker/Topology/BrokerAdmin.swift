/// What the command line needs of an AMQP connection, beside declaring a topology.
package protocol BrokerAdmin: TopologyBroker {
    /// As the broker says it, e.g. `3.10.8`; empty when it does not.
    var brokerVersion: String { get }
    /// What waits in the queue and who consumes it; nil when there is no such queue.
    func status(ofQueue name: String) async throws -> QueueStatus?
    func exchangeExists(_ name: String) async throws -> Bool
    /// Drops the messages that wait in the queue, and says how many; nil when there is no such queue.
    func purge(_ queue: String) async throws -> Int?
    func close() async
}

/// What a passive declaration tells about a queue.
package struct QueueStatus: Sendable, Hashable {
    /// Messages that wait, without those that consumers hold.
    package var messages: Int
    package var consumers: Int

    package init(messages: Int, consumers: Int) {
        self.messages = messages
        self.consumers = consumers
    }
}
