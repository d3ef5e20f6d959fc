import Synchronization

/// A flag that is raised once.
final class Gate: Sendable {
    private let flag = Atomic(false)

    var isOpen: Bool { flag.load(ordering: .acquiring) }
    func open() { flag.store(true, ordering: .releasing) }
}
