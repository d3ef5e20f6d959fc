import CeleryWorker
import Connections

/// One partition as broker and Redis show it.
struct PartitionRow {
    var number: Int
    var queue: String
    /// nil: the queue is not there yet.
    var status: QueueStatus?
    /// nil: nobody, or the partitions are not shared by way of Redis.
    var owner: String?
    var servedBy: [String]

    /// Asks the broker for all queues, and Redis, where there is one, for the owners.
    static func all(
        _ configuration: WorkerConfiguration,
        _ partitions: PartitionSettings
    ) async throws -> [PartitionRow] {
        let (admin, _) = try await AMQPBrokerAdmin.connect(configuration.broker, name: "chard partitions")
        var statuses: [QueueStatus?] = []
        for queue in partitions.queues { statuses.append(try await admin.status(ofQueue: queue.name)) }
        await admin.close()
        var view = PartitionTable.View()
        if let url = configuration.resultBackend.url {
            let client = RedisClient(
                url: url,
                options: RedisClientOptions(timeout: configuration.resultBackend.timeout)
            )
            defer { client.close() }
            view = try await PartitionTable(client, configuration).read()
        }
        return statuses.enumerated().map { number, status in
            PartitionRow(
                number: number,
                queue: partitions.name(number),
                status: status,
                owner: view.assignment.owners[number],
                servedBy: view.serving.filter { view.members.contains($0.key) && $0.value.contains(number) }.keys
                    .sorted()
            )
        }
    }

    var value: CeleryValue {
        [
            "partition": .int(number),
            "queue": .string(queue),
            "waiting": status.map { .int($0.messages) } ?? .null,
            "consumers": status.map { .int($0.consumers) } ?? .null,
            "owner": owner.map(CeleryValue.string) ?? .null,
            "served_by": .array(servedBy.map(CeleryValue.string)),
        ]
    }
}
