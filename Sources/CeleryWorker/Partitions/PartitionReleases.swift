/// The partitions that a worker is handing over, by lane.
///
/// A partition is let go in one step, by closing its channel: the broker then puts back what was delivered and not
/// acknowledged, in its old order, and delivers it to the next consumer. Cancelling the consumer and giving messages back
/// one by one would let the next consumer begin behind those that are still here
/// (https://github.com/spring-projects/spring-amqp/issues/2482). So the channel is closed when all that is unanswered on
/// it has been set aside, that is, will not start here.
struct PartitionReleases {
    private var lanes: Set<Int> = []
    /// Deliveries that will not start here, by lane.
    private var aside: [Int: Int] = [:]
    /// Lanes to be consumed again, because the partition has come back meanwhile.
    private var reopening: Set<Int> = []

    /// Whether there is something to look after in each turn.
    var isBusy: Bool { !lanes.isEmpty || !reopening.isEmpty }
    var lanesToSkip: Set<Int> { lanes }
    var all: [Int] { lanes.sorted() }

    func contains(_ lane: Int) -> Bool { lanes.contains(lane) }
    func setAside(of lane: Int) -> Int { aside[lane] ?? 0 }

    mutating func begin(_ lane: Int) { lanes.insert(lane) }

    mutating func setAside(_ count: Int, lane: Int) { aside[lane, default: 0] += count }

    /// A delivery has come; one of a partition that is handed over is set aside.
    mutating func received(_ lane: Int) {
        guard !lanes.isEmpty, lanes.contains(lane) else { return }
        aside[lane, default: 0] += 1
    }

    mutating func end(_ lane: Int) {
        lanes.remove(lane)
        aside[lane] = nil
    }

    mutating func reopen(_ lane: Int) { reopening.insert(lane) }

    /// The lanes to be consumed again that are handed over; they are forgotten here.
    mutating func takeReopening() -> [Int] {
        let ready = reopening.subtracting(lanes)
        reopening.subtract(ready)
        return ready.sorted()
    }

    /// The connection is gone, and everything on it with it.
    mutating func removeAll() { self = PartitionReleases() }
}
