/// The partitioned exchange (`partitions:` in queues.yaml): tasks of one agent go through one queue, in order.
///
/// The exchange is direct; partition `n` is the queue `<exchange>.<n>`, bound by that name, with a single active
/// consumer. The queues are the worker's own: clients publish to the exchange and declare no queue.
public struct PartitionSettings: Sendable, Hashable {
    /// The exchange, and what the queues' names begin with.
    public var exchange = "ai.tasks"
    /// How many partitions there are. It decides which partition an agent is in, so it can only be changed while
    /// nothing waits.
    public var count = 10
    /// Names and patterns of the tasks that go to their agent's partition when Chard sends them.
    public var routes: [GlobPattern] = []
    /// The keyword argument that says whose task it is, and the header that says it for tasks without such an argument.
    public var agentKey = "agent_id"
    /// Between two signs of life of a worker in Redis.
    public var heartbeat: Duration = .seconds(1)
    /// After which a silent worker's partitions are given to others.
    public var expires: Duration = .seconds(5)
    /// Before the names of the Redis keys, and itself behind `result_backend.key_prefix`.
    public var keyPrefix = "chard:partitions:"
    /// What all partitions have: limits, retries, kind of queue. Its name and routing key are not used.
    public var template: QueueSettings

    public init(exchange: String = "ai.tasks", count: Int = 10) {
        self.exchange = exchange
        self.count = count
        template = QueueSettings(name: exchange)
        template.concurrency = 1
        template.prefetch = 16
    }

    /// The partition that an agent's tasks go to.
    public func partition(of agent: String) -> Int { PartitionHash.partition(of: agent, count: count) }

    /// The settings of one partition's queue.
    public func queue(_ partition: Int) -> QueueSettings {
        var queue = template
        queue.name = name(partition)
        queue.routingKey = queue.name
        queue.routes = routes
        queue.maxPriority = nil
        queue.exchangeType = .direct
        queue.partition = QueueSettings.Partition(exchange: exchange, number: partition)
        return queue
    }

    /// The partitions' queues, in order.
    public var queues: [QueueSettings] { (0..<count).map(queue) }

    /// The name of a partition's queue, which is its routing key too.
    public func name(_ partition: Int) -> String { "\(exchange).\(partition)" }

    /// The partition that a queue of that name is; nil when it is none.
    public func partition(named name: String) -> Int? {
        guard name.hasPrefix(exchange + "."), let number = Int(name.dropFirst(exchange.count + 1)),
            (0..<count).contains(number), self.name(number) == name
        else { return nil }
        return number
    }
}
