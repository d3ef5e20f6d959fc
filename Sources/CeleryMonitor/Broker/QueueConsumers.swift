import CeleryProtocol
import CeleryWorker

/// Who consumes a queue, by their own word.
enum QueueConsumers {
    /// Asks all workers, now.
    static func of(_ queue: String, _ monitor: Monitor) async throws -> [PausedQueue.Consumer] {
        let answers = try await monitor.celery.inspect(timeout: Inspector.patience).activeQueues()
        return answers.compactMap { worker, value in
            guard let found = value.arrayValue?.first(where: { $0["name"]?.stringValue == queue }) else { return nil }
            return PausedQueue.Consumer(
                worker: worker,
                exchange: found["exchange"]?["name"]?.stringValue,
                exchangeType: found["exchange"]?["type"]?.stringValue,
                routingKey: found["routing_key"]?.stringValue
            )
        }.sorted { $0.worker < $1.worker }
    }
}
