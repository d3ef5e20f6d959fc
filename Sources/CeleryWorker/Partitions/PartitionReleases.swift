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
    /// Lanes that were handed over on this connection, and are not consumed again.
    private var closed: Set<Int> = []
    /// Lanes to be consumed again, because the partition has come back meanwhile.
    private var reopening: Set<Int> = []

    /// Whether there is something to look after in each turn.
    var isBusy: Bool { !lanes.isEmpty || !reopening.isEmpty }
    /// Lanes of which nothing starts here.
    var skipped: Set<Int> { lanes.isEmpty ? closed : closed.isEmpty ? lanes : lanes.union(closed) }
    var all: [Int] { lanes.sorted() }

    func contains(_ lane: Int) -> Bool { lanes.contains(lane) }
    func setAside(of lane: Int) -> Int { aside[lane] ?? 0 }

    mutating func begin(_ lane: Int) { lanes.insert(lane) }

    mutating func setAside(_ count: Int, lane: Int) { aside[lane, default: 0] += count }

    /// Whether a delivery that has come is on a channel that is open. One of a partition that is handed over is set
    /// aside; one that was on its way when the channel was closed has gone back with it.
    mutating func received(_ lane: Int) -> Bool {
        if lanes.isEmpty, closed.isEmpty { return true }
        if lanes.contains(lane) { aside[lane, default: 0] += 1 }
        return !closed.contains(lane)
    }

    mutating func end(_ lane: Int) {
        lanes.remove(lane)
        aside[lane] = nil
        closed.insert(lane)
    }

    /// The lane's channel is open again.
    mutating func opened(_ lane: Int) { closed.remove(lane) }

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
