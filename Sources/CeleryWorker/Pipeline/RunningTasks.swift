import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// The runs that are under way, for time limits, shutdown and duplicates.
final class RunningTasks: Sendable {
    private struct Slots {
        var runs: [TaskRun?] = []
        var free: [Int] = []
        var count = 0
        /// Ids of runs that outlived the connection that brought them, the oldest first: their messages come again.
        var orphans: OrderedSet<String> = []
    }

    /// More than can run at once; of those that are forgotten another start is at worst one too many.
    private static let mostOrphans = 10_000

    private let slots = Mutex(Slots())

    var count: Int { slots.withLock { $0.count } }

    func insert(_ run: TaskRun) {
        slots.withLock { slots in
            slots.count += 1
            if let index = slots.free.popLast() {
                slots.runs[index] = run
                run.slot.store(index, ordering: .relaxed)
            } else {
                run.slot.store(slots.runs.count, ordering: .relaxed)
                slots.runs.append(run)
            }
        }
    }

    func remove(_ run: TaskRun) {
        slots.withLock { slots in
            let index = run.slot.load(ordering: .relaxed)
            guard index >= 0, slots.runs[index] === run else { return }
            slots.count -= 1
            slots.runs[index] = nil
            slots.free.append(index)
            guard !run.delivery.isCurrent else { return }
            if slots.orphans.count == Self.mostOrphans { slots.orphans.removeFirst() }
            slots.orphans.append(run.message.id)
        }
    }

    /// Whether the task ended here after the connection that brought it was lost. Says so once.
    func takeOrphan(_ run: TaskRun) -> Bool {
        slots.withLock { $0.orphans.remove(run.message.id) != nil }
    }

    var all: [TaskRun] { slots.withLock { $0.runs.compactMap(\.self) } }

    /// Another run of the same attempt of the same task, if one is under way here.
    func twin(of run: TaskRun) -> TaskRun? {
        slots.withLock { slots in
            slots.runs.lazy.compactMap(\.self).first {
                $0 !== run && $0.message.id == run.message.id && $0.message.retries == run.message.retries
            }
        }
    }
}
