import CeleryProtocol
import Connections

/// Celery's `rpc://` backend: every state goes back to the task's sender as a message (`celery/backends/rpc.py`).
///
/// Nothing is kept: a sender that is gone has no queue any more, and its results are dropped.
struct RPCResults: ResultBackend {
    let celery: Celery
    /// 1 transient, 2 persistent (result_persistent).
    private let deliveryMode: UInt8

    init(_ celery: Celery, _ settings: ResultBackendSettings) {
        self.celery = celery
        deliveryMode = settings.isPersistent ? 2 : 1
    }

    /// Publishes the state to the queue that the message names for replies; nothing when it names none.
    func store(_ document: ResultDocument, for message: TaskMessage?) async throws {
        guard let message, let queue = message.replyTo, !queue.isEmpty else { return }
        var stamp = DateStamp()
        var properties = BasicProperties()
        properties.contentType = "application/json"
        properties.contentEncoding = "utf-8"
        properties.deliveryMode = deliveryMode
        properties.priority = 0
        properties.correlationID = message.correlationID.flatMap { $0.isEmpty ? nil : $0 } ?? message.id
        properties.headers = [:]
        let reply = AMQPMessage(
            exchange: "",
            routingKey: queue,
            mandatory: false,
            properties: try properties.encoded(),
            body: document.bytes(now: WallClock.microseconds, stamp: &stamp)
        )
        try await celery.publisher.publish(reply, timeout: celery.configuration.broker.publishTimeout)
    }

    func ensureChordsAllowed() throws(ExceptionRecord) {
        throw ExceptionRecord.builtin(
            "NotImplementedError",
            "The \"rpc\" result backend does not support chords!\n\nNote that a group chained with a task is also "
                + "upgraded to be a chord,\nas this pattern requires synchronization.\n\nResult backends that "
                + "supports chords: Redis, Database, Memcached, and more."
        )
    }
}
