/// What the command line says; nil where it is silent. It wins over the environment and the file.
public struct ConfigurationOverrides: Sendable, Hashable {
    /// `--config`
    public var file: String?
    /// `-b`, `--broker`: one URL, or several separated by `;`
    public var broker: String?
    /// `--result-backend`
    public var resultBackend: String?
    /// `--management`
    public var management: String?
    /// `-Q`, `--queues`: names separated by commas
    public var queues: String?
    /// `-X`, `--exclude-queues`
    public var excludeQueues: String?
    /// `-n`, `--hostname`
    public var hostname: String?
    /// `-c`, `--concurrency`
    public var concurrency: Int?
    /// `--autoscale`
    public var autoscale: String?
    /// `--prefetch-multiplier`
    public var prefetchMultiplier: Int?
    /// `-l`, `--loglevel`
    public var logLevel: String?
    /// `-E`, `--task-events`
    public var taskEvents: Bool?
    /// `--without-heartbeat` makes it false
    public var heartbeat: Bool?
    /// `--heartbeat-interval`, in seconds
    public var heartbeatInterval: String?
    /// `--without-gossip` makes it false
    public var gossip: Bool?
    /// `--without-mingle` makes it false
    public var mingle: Bool?
    /// `--time-limit`, e.g. `60` or `5m`; for queues that have none of their own
    public var timeLimit: String?
    /// `--soft-time-limit`
    public var softTimeLimit: String?
    /// `--max-tasks-per-child`
    public var maxTasksPerChild: Int?
    /// `--max-memory-per-child`, in KiB
    public var maxMemoryPerChild: Int?

    public init() {}

    /// By the path of the setting, with the option's name for messages.
    var values: [String: (text: String, option: String)] {
        let all: [(String, String?, String)] = [
            ("broker.url", broker, "--broker"),
            ("result_backend.url", resultBackend, "--result-backend"),
            ("management.url", management, "--management"),
            ("worker.queues", queues, "--queues"),
            ("worker.exclude_queues", excludeQueues, "--exclude-queues"),
            ("worker.hostname", hostname, "--hostname"),
            ("worker.concurrency", concurrency.map { "\($0)" }, "--concurrency"),
            ("worker.autoscale", autoscale, "--autoscale"),
            ("worker.prefetch_multiplier", prefetchMultiplier.map { "\($0)" }, "--prefetch-multiplier"),
            ("worker.log_level", logLevel, "--loglevel"),
            ("worker.task_events", taskEvents.map { "\($0)" }, "--task-events"),
            ("worker.heartbeat", heartbeat.map { "\($0)" }, "--without-heartbeat"),
            ("worker.heartbeat_interval", heartbeatInterval, "--heartbeat-interval"),
            ("worker.gossip", gossip.map { "\($0)" }, "--without-gossip"),
            ("worker.mingle", mingle.map { "\($0)" }, "--without-mingle"),
            ("defaults.time_limit", timeLimit, "--time-limit"),
            ("defaults.soft_time_limit", softTimeLimit, "--soft-time-limit"),
            ("worker.max_tasks_per_child", maxTasksPerChild.map { "\($0)" }, "--max-tasks-per-child"),
            ("worker.max_memory_per_child", maxMemoryPerChild.map { "\($0)" }, "--max-memory-per-child"),
        ]
        var values: [String: (text: String, option: String)] = [:]
        for (path, text, option) in all {
            if let text { values[path] = (text, option) }
        }
        return values
    }
}
