import Synchronization

/// The queues of a worker by number; more may come while it runs.
///
/// A lane is never taken out, only closed: what came through it keeps its number.
final class LaneTable: Sendable {
    private let lanes: Mutex<[Lane]>

    init(_ lanes: [Lane]) { self.lanes = Mutex(lanes) }

    subscript(index: Int) -> Lane { lanes.withLock { $0[index] } }

    var all: [Lane] { lanes.withLock { $0 } }

    /// The lane of a queue; made by `make` from its number when there is none.
    ///
    /// - Returns: The lane, and whether it is new.
    func lane(of queue: String, make: (Int) -> Lane) -> (lane: Lane, isNew: Bool) {
        lanes.withLock { lanes in
            if let known = lanes.first(where: { $0.queue.name == queue }) { return (known, false) }
            let new = make(lanes.count)
            lanes.append(new)
            return (new, true)
        }
    }
}
