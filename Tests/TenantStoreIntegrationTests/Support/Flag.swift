import Synchronization

/// A flag that is raised once.
final class Flag: Sendable {
    private let flag = Atomic(false)

    var isUp: Bool { flag.load(ordering: .acquiring) }
    func raise() { flag.store(true, ordering: .releasing) }
}
