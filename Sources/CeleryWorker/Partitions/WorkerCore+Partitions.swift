import CeleryProtocol
import Connections
import Synchronization

/// Which partitions a worker consumes.
extension WorkerCore {
    /// The partitions that are consumed here or not handed over yet.
    var servedPartitions: Set<Int> {
        let served = lanes.filter {
            $0.isConsumed.load(ordering: .relaxed) || $0.isReleasing.load(ordering: .relaxed)
        }
        return Set(served.compactMap { $0.queue.partition?.number })
    }

    /// Consumes these partitions and hands over all others.
    func servePartitions(_ wanted: Set<Int>) {
        guard let settings = configuration.catalogue.partitions, !isDraining.load(ordering: .relaxed) else { return }
        var missing = wanted
        for lane in lanes {
            guard let number = lane.queue.partition?.number else { continue }
            let isConsumed = lane.isConsumed.load(ordering: .relaxed)
            if isConsumed { missing.remove(number) }
            if isConsumed, !wanted.contains(number) { releasePartition(lane) }
        }
        for number in missing.sorted() { addConsumer(settings.queue(number)) }
    }

    /// Hands a partition over once what runs of it has ended, with what has not started in its old order.
    private func releasePartition(_ lane: Lane) {
        lane.isReleasing.store(true, ordering: .relaxed)
        lane.isConsumed.store(false, ordering: .relaxed)
        submit(.release(lane))
    }

    /// Makes the queues of all partitions that are not there, also those that others will own: RabbitMQ drops what a
    /// client publishes to a partition that has no queue.
    func declareMissingPartitions(on connection: AMQPConnection) throws(AMQPError) {
        guard let partitions else { return }
        let channel: UInt16 = 5
        try connection.openChannel(channel)
        defer { connection.closeChannel(channel) }
        for queue in partitions.settings.queues {
            do throws(AMQPError) {
                _ = try connection.declareQueue(queue.name, passive: true, channel: channel)
            } catch  where error.code == .channelClosed(404) {
                try connection.openChannel(channel)
                try connection.declare(queue, channel: channel)
            }
        }
    }

    /// Says so when the queue of a partition exists with other arguments, which only a declaration in full can tell: the
    /// order of its messages may then depend on the workers' agreement alone.
    func checkPartition(_ queue: QueueSettings, on connection: AMQPConnection, channel: UInt16) throws(AMQPError) {
        do throws(AMQPError) {
            _ = try connection.declareQueue(queue.name, arguments: queue.declarationArguments, channel: channel)
        } catch  where error.code == .channelClosed(406) {
            logger.warning("\(error); it is used as it is; delete it while it is empty to have it made anew")
            try connection.openChannel(channel)
        }
    }

    /// Whether a control command may begin or end the consumer of a queue by itself: partitions are shared among the
    /// workers, so only all of them at once can be left or joined, by the name of their exchange.
    func checkIsNoPartition(_ queue: String) throws(ExceptionRecord) {
        guard let partitions, partitions.settings.partition(named: queue) != nil else { return }
        throw .valueError(
            "\(queue) is one of the partitions that the workers share; use the name of all, \(partitions.settings.exchange)"
        )
    }
}
