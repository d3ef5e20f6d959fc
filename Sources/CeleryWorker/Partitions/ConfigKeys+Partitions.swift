extension ConfigKeys {
    public enum Partitions {
        public static let exchange = ConfigKey(
            "exchange",
            "The exchange; the queues are `<exchange>.0` and so on; default ai.tasks."
        )
        public static let count = ConfigKey(
            "count",
            "How many partitions there are, 1 to 1000, default 10; change it only while nothing waits in them."
        )
        public static let routes = ConfigKey(
            "routes",
            "Task names or patterns that Chard sends to the partition of their agent; default none: only tasks that are "
                + "sent with an agent."
        )
        public static let agent = ConfigKey(
            "agent",
            "Name of the keyword argument, and of the header, that holds the agent's id; default agent_id."
        )
        public static let concurrency = ConfigKey(
            "concurrency",
            "Tasks of one partition that run at once, 1 to 65535, default 1; with more, tasks of an agent may pass each "
                + "other."
        )
        public static let prefetch = ConfigKey(
            "prefetch",
            "Messages of one partition that wait at its worker, 0 (no limit) or `concurrency` to 65535, default 16."
        )
        public static let heartbeat = ConfigKey(
            "heartbeat",
            "Duration between two signs of life of a worker in Redis, 0.1 s to 1 min, default 1."
        )
        public static let expires = ConfigKey(
            "expires",
            "Duration after which a silent worker's partitions go to others, at least three heartbeats, up to 1 h; "
                + "default 5."
        )
        public static let keyPrefix = ConfigKey(
            "key_prefix",
            "Text before the Redis keys; deployments that share a Redis but no broker need different ones; default "
                + "chard:partitions:."
        )
        public static let all =
            [exchange, count, routes, agent, concurrency, prefetch, heartbeat, expires, keyPrefix]
            + [
                Queue.priority, Queue.delivery, Queue.maxDeliveries, Queue.softTimeLimit, Queue.timeLimit, Queue.retry,
                Queue.rejectOnWorkerLost, Queue.deadLetter, Queue.type, Queue.replication, Queue.messageTTL,
                Queue.maxLength,
            ]
    }
}
