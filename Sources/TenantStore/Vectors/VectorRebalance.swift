import Connections
import Foundation
import Logging

/// Moves collections and points to where the settings want them, while workers go on.
///
/// Restart all workers with the new settings first; they go by the layout in force until this announces the new one. A
/// store that shall go is still listed, but not part of the new layout. Then:
///
/// 1. The new layout is announced. From a moment that all workers have learnt of it, they read the old place of a point
///    and then the new one, write to the new one and delete from the old one. Nothing is copied before the writes that
///    began earlier are over.
/// 2. Every store's points that belong elsewhere are moved, a batch at a time, while writes to that collection wait:
///    read, added where they belong unless a newer one is there, and deleted here. A collection that has no place here
///    any more is deleted when it is empty.
/// 3. When a look at all stores finds nothing to move, the new layout is put in force.
///
/// It may be killed at any moment and run again; the same is true of any worker. Two at once exclude each other.
/// The one thing that could bring a deleted point back is a mover that is frozen for longer than its lease between its
/// last look at the lease and the write after it, because stores know no fencing.
package struct VectorRebalance: Sendable {
    package struct Report: Sendable, Hashable {
        package var movedPoints = 0
        /// Collections of which something was moved.
        package var movedCollections = 0
        /// Collections that were deleted at their old place.
        package var clearedCollections = 0
        /// False when the layout of the settings was in force already.
        package var wasNeeded = true
    }

    let vectors: Vectors
    let coordination: any VectorCoordination
    let target: VectorPlacement
    let token = UUID().uuidString
    private let say: @Sendable (String) -> Void

    private var lease: Duration { vectors.options.rebalanceLease }

    /// `say` is given a line for each step. Throws `VectorError` of kind `layout` without a place for the state.
    package init(_ vectors: Vectors, say: @escaping @Sendable (String) -> Void = { _ in }) throws(VectorError) {
        guard let coordination = vectors.coordination else {
            throw VectorError(.layout, "a rebalance keeps its state in Redis; set state.url or the result backend")
        }
        self.vectors = vectors
        self.coordination = coordination
        self.say = say
        target = VectorPlacement(vectors.options.layout)
    }

    /// Returns when the layout of the settings is in force.
    package func run() async throws -> Report {
        try await hold()
        do {
            let report = try await withThrowingTaskGroup(of: Report?.self) { group in
                group.addTask { try await self.rebalance() }
                group.addTask {
                    try await self.keepHolding()
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next().flatMap { $0 } ?? Report()
            }
            await coordination.releaseRebalance(token: token)
            return report
        } catch {
            await coordination.releaseRebalance(token: token)
            throw error
        }
    }

    /// Waits for the lease of one that died.
    private func hold() async throws {
        let deadline = MonotonicTime.now.advanced(by: lease + .seconds(5))
        while try await !coordination.holdRebalance(token: token, lease: lease) {
            guard MonotonicTime.now < deadline else {
                throw VectorError(.layout, "another rebalance is running; wait until it has ended")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func keepHolding() async throws {
        while true {
            try await Task.sleep(for: lease / 3)
            guard try await coordination.holdRebalance(token: token, lease: lease) else {
                throw VectorError(.layout, "this rebalance stood still for too long and another one has taken over")
            }
        }
    }

    private func rebalance() async throws -> Report {
        let state = try await coordination.state(adopting: target.layout)
        if state.pending == nil, state.inForce == target.layout { return Report(wasNeeded: false) }
        for name in state.inForce.stores + target.layout.stores {
            try await vectors.store(name).check()
        }
        try await announce(state)
        var report = Report()
        var moved: Set<String> = []
        while true {
            let found = try await pass(&report)
            moved.formUnion(found)
            report.movedCollections = moved.count
            if found.isEmpty { break }
        }
        guard try await coordination.finish(target.layout) else {
            throw VectorError(.layout, "the layout was changed by somebody else meanwhile; run the rebalance again")
        }
        vectors.forgetView()
        say("in force: \(target.layout)")
        return report
    }

    /// Returns when every worker goes by the new layout, and what they began before is over.
    private func announce(_ state: VectorLayoutState) async throws {
        let delay = vectors.options.stateLifetime * 2
        guard try await coordination.announce(target.layout, after: state.inForce, delay: delay) else {
            let pending = state.pending.map { "\($0)" } ?? "another layout"
            throw VectorError(
                .layout,
                "a rebalance to \(pending) has begun and must end first; run it with the settings it began with"
            )
        }
        let left = try await coordination.state(adopting: target.layout).startsIn
        // One request of a write that began just before may have been sent twice. A rebalance that goes on after a kill
        // can't know how long ago the start was.
        let wait = left + vectors.options.callTimeout * 2
        say("from \(state.inForce) to \(target.layout); begins in \(wait.milliseconds / 1000) s")
        try await Task.sleep(for: wait)
        vectors.forgetView()
    }

    /// Looks at every collection of every store once. Gives the collections of which something was in a wrong place.
    private func pass(_ report: inout Report) async throws -> Set<String> {
        var changed: Set<String> = []
        for name in vectors.stores.keys.sorted() {
            let store = try vectors.store(name)
            for collection in try await store.collections() {
                let mover = CollectionMover(rebalance: self, store: store, collection: collection)
                let done = try await mover.run()
                report.movedPoints += done.points
                report.clearedCollections += done.isCleared ? 1 : 0
                guard done.points > 0 || done.isCleared else { continue }
                changed.insert(collection.name)
                let cleared = done.isCleared ? ", collection deleted there" : ""
                say("\(collection.name): \(done.points) points moved off \(name)\(cleared)")
            }
        }
        return changed
    }
}
