import Connections
import Logging
import Synchronization

/// Collections of vectors over several stores: routes by the layout in force, searches all stores that have a part, and
/// goes on serving while a rebalance moves things.
///
/// Safe from anywhere at once. Every call throws ``VectorError`` or `CancellationError`, and may be repeated.
package final class Vectors: Sendable {
    package let stores: [String: any VectorStore]
    let options: VectorsOptions
    /// Without it the settings' layout is in force, and nothing can be moved.
    let coordination: (any VectorCoordination)?
    let logger: Logger
    /// What was last known of the layout, and until when to go by it.
    private let latest = Mutex<(view: VectorView, until: MonotonicTime)?>(nil)
    private let own: VectorView

    /// `stores` holds every store of the layout, and those that are being emptied.
    package init(
        _ stores: [any VectorStore],
        options: VectorsOptions,
        coordination: (any VectorCoordination)?,
        logger: Logger
    ) {
        self.stores = Dictionary(stores.map { ($0.name, $0) }) { first, _ in first }
        self.options = options
        self.coordination = coordination
        self.logger = logger
        own = VectorView(target: VectorPlacement(options.layout), source: nil)
    }

    func store(_ name: String) throws(VectorError) -> any VectorStore {
        if let store = stores[name] { return store }
        throw VectorError(
            .layout,
            "vector store \"\(name)\" belongs to the layout in force, but not to the settings; list it under "
                + "vectors.stores, with leaving: true until `chard shards vectors rebalance` has emptied it"
        )
    }

    /// Where things are now.
    func view() async throws -> VectorView {
        guard let coordination else { return own }
        let now = MonotonicTime.now
        if let latest = latest.withLock({ $0 }), now < latest.until { return latest.view }
        let state = try await coordination.state(adopting: options.layout)
        let (view, limit) = makeView(state)
        latest.withLock { $0 = (view, now.advanced(by: min(limit, options.stateLifetime))) }
        return view
    }

    /// For reads: what was known before is good enough while the state can't be read.
    func viewForReading() async throws -> VectorView {
        do {
            return try await view()
        } catch let error as VectorError where error.kind == .stateUnreachable {
            guard let latest = latest.withLock({ $0 }) else { throw error }
            return latest.view
        }
    }

    func forgetView() { latest.withLock { $0 = nil } }

    /// With the longest time for which it holds.
    private func makeView(_ state: VectorLayoutState) -> (VectorView, Duration) {
        let old = latest.withLock { $0?.view }
        func placement(_ layout: VectorLayout) -> VectorPlacement {
            // A ring takes a while to make.
            [own.target, old?.target, old?.source].lazy.compactMap { $0 }.first { $0.layout == layout }
                ?? VectorPlacement(layout)
        }
        guard let pending = state.pending else {
            return (VectorView(target: placement(state.inForce), source: nil), options.stateLifetime)
        }
        guard state.startsIn <= .zero else {
            return (VectorView(target: placement(state.inForce), source: nil), state.startsIn)
        }
        return (
            VectorView(target: placement(pending), source: placement(state.inForce)), options.stateLifetime
        )
    }
}
