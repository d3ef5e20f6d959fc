import Connections
import DequeModule

/// Which delivery runs next: a pure decision over the queues that a worker consumes.
///
/// Each queue is a lane with slots of its own, so that ten training tasks never take the slot of an inference task.
/// Among the lanes that have both a delivery and a free slot the one with the highest priority is served; but a lane
/// that has waited for `patience` starts of others goes first, so that the lowest is slow and never starved.
struct PriorityDispatch {
    /// A delivery in its batch.
    struct Entry {
        var batch: AMQPDeliveryBatch
        var index: Int
        /// The connection that brought it; an acknowledgement is good on that one only.
        var epoch: Int
        /// When the task may start, if its rate is limited and it has waited here.
        var reservation: RateReservation?
        /// Whether monitors have been told that it is here.
        var isAnnounced = false
        /// Whether it waited already when somebody looked.
        var wasSeen = false
    }

    private struct Lane {
        var priority: Int
        var slots: Int
        var waiting: Deque<Entry> = []
        var running = 0
        var passedOver = 0
    }

    static let patience = 32

    private var lanes: [Lane]
    /// Lane numbers from the highest priority to the lowest.
    private var order: [Int] = []
    private(set) var totalSlots: Int
    private(set) var waitingCount = 0
    private(set) var runningCount = 0

    /// - Parameters:
    ///   - lanes: Priority (larger is first) and number of slots of each lane.
    ///   - totalSlots: How many may run at once in all lanes together; nil for as many as the lanes have.
    init(lanes: [(priority: Int, slots: Int)], totalSlots: Int? = nil) {
        self.totalSlots = totalSlots ?? .max
        self.lanes = lanes.map { Lane(priority: $0.priority, slots: max(1, $0.slots)) }
        sortLanes()
    }

    /// Adds a lane; its number is the next one.
    mutating func addLane(priority: Int, slots: Int) {
        lanes.append(Lane(priority: priority, slots: max(1, slots)))
        sortLanes()
    }

    private mutating func sortLanes() {
        order = lanes.indices.sorted { (lanes[$0].priority, -$0) > (lanes[$1].priority, -$1) }
    }

    mutating func add(_ entry: Entry, lane: Int) {
        lanes[lane].waiting.append(entry)
        waitingCount += 1
    }

    /// Whether `next` would return something.
    var hasNext: Bool {
        waitingCount > 0 && runningCount < totalSlots
            && lanes.contains { !$0.waiting.isEmpty && $0.running < $0.slots }
    }

    /// Takes the delivery that is to start now, and a slot of its lane.
    mutating func next() -> (entry: Entry, lane: Int)? {
        guard waitingCount > 0, runningCount < totalSlots, let lane = choose() else { return nil }
        for other in lanes.indices where other != lane && !lanes[other].waiting.isEmpty {
            lanes[other].passedOver += 1
        }
        lanes[lane].passedOver = 0
        lanes[lane].running += 1
        waitingCount -= 1
        runningCount += 1
        return (lanes[lane].waiting.removeFirst(), lane)
    }

    /// Gives a slot back.
    mutating func finished(lane: Int) {
        lanes[lane].running -= 1
        runningCount -= 1
    }

    mutating func setSlots(_ slots: Int, lane: Int) { lanes[lane].slots = max(1, slots) }
    mutating func setTotalSlots(_ slots: Int) { totalSlots = max(1, slots) }

    func waiting(lane: Int) -> Int { lanes[lane].waiting.count }
    func running(lane: Int) -> Int { lanes[lane].running }

    /// What has not started, in the order in which it came, of one lane after the other.
    func waitingEntries(limit: Int) -> [(entry: Entry, lane: Int)] {
        var entries: [(entry: Entry, lane: Int)] = []
        for lane in lanes.indices where entries.count < limit {
            entries += lanes[lane].waiting.prefix(limit - entries.count).map { ($0, lane) }
        }
        return entries
    }

    /// Those that have waited since the last call and were not announced, at most `limit`; marks them announced.
    mutating func announceWaiting(limit: Int) -> [(entry: Entry, lane: Int)] {
        var found: [(entry: Entry, lane: Int)] = []
        for lane in lanes.indices {
            for index in lanes[lane].waiting.indices where !lanes[lane].waiting[index].isAnnounced {
                guard lanes[lane].waiting[index].wasSeen else {
                    lanes[lane].waiting[index].wasSeen = true
                    continue
                }
                guard found.count < limit else { return found }
                lanes[lane].waiting[index].isAnnounced = true
                found.append((lanes[lane].waiting[index], lane))
            }
        }
        return found
    }

    /// Takes out what has not started, of one lane or of all.
    mutating func removeWaiting(lane only: Int?) -> [(entry: Entry, lane: Int)] {
        var removed: [(entry: Entry, lane: Int)] = []
        for lane in lanes.indices where only == nil || only == lane {
            removed += lanes[lane].waiting.map { ($0, lane) }
            lanes[lane].waiting = []
        }
        waitingCount -= removed.count
        return removed
    }

    private func choose() -> Int? {
        var best: Int?
        for lane in order where !lanes[lane].waiting.isEmpty && lanes[lane].running < lanes[lane].slots {
            if lanes[lane].passedOver >= Self.patience { return lane }
            if best == nil { best = lane }
        }
        return best
    }
}
