extension WorkerConfiguration {
    /// The queues this worker consumes and those of the partitions it takes a share of.
    package var allConsumedQueues: [QueueSettings] {
        consumedQueues + (consumesPartitions ? catalogue.partitions?.queues ?? [] : [])
    }
}
