import Connections
import Synchronization

/// One consumed queue: its settings, its channel, and the tasks that may come through it.
final class Lane: Sendable {
    let index: Int
    let queue: QueueSettings
    let tasks: [String: KnownTask]
    /// For messages that name no known task.
    let rules: TaskRules
    /// Each lane has a channel of its own: delivery tags count per channel, so that a slow queue's unfinished messages
    /// do not split another's acknowledgements, and an error of one closes no other.
    let channel: UInt16
    /// Which opening of the channel is the current one. What came through an earlier one was given back by the broker.
    let epoch = Atomic<Int>(0)
    /// Whether the worker consumes the queue now; `cancel_consumer` ends it, `add_consumer` begins it again.
    let isConsumed = Atomic<Bool>(true)
    /// Whether the partition is being handed over: what runs goes on, nothing else of it starts here.
    let isReleasing = Atomic<Bool>(false)

    /// How many of its slots hold runs with a lease, for which the broker need not wait.
    let leased = Atomic<Int>(0)
    /// Whether a task of the queue may have a lease.
    let hasLeases: Bool

    /// Slots that pool control has added, beyond what the queue's settings say.
    let extraSlots = Atomic<Int>(0)

    /// How many tasks of the queue may run at once.
    var slots: Int {
        // A larger pool must not let the tasks of a partition pass each other.
        if isPartition { return queue.concurrency }
        return max(1, queue.concurrency + extraSlots.load(ordering: .relaxed))
    }

    /// Whether the order of its messages is to be kept.
    var isPartition: Bool { queue.partition != nil }

    /// Unacknowledged messages at the worker: never fewer than slots, or some of them could not be filled.
    var prefetch: UInt16 { queue.prefetch == 0 ? 0 : UInt16(clamping: max(queue.prefetch, slots)) }

    /// The number of the lane that a channel belongs to.
    static func index(ofChannel channel: UInt16) -> Int? { channel < firstChannel ? nil : Int(channel - firstChannel) }
    private static let firstChannel: UInt16 = 10

    init(index: Int, queue: QueueSettings, registry: TaskRegistry, catalogue: QueueCatalogue) {
        self.index = index
        self.queue = queue
        channel = Self.firstChannel + UInt16(index)
        rules = TaskRules(queue: queue)
        var tasks: [String: KnownTask] = [:]
        for task in registry.all {
            let settings = catalogue.settings(forTask: task.name)
            tasks[task.name] = KnownTask(
                task: task,
                rules: TaskRules(queue: queue, task: task.options, settings: settings)
            )
        }
        self.tasks = tasks
        hasLeases = tasks.values.contains(where: \.rules.isLeased)
    }
}
