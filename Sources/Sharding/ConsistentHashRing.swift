/// Chooses among named stores by consistent hashing: one store more takes about 1/n of the names, all from the others
/// to itself; one less spreads its own names over the rest. The order of the stores does not matter.
///
/// Every store stands at 256 places of a ring of 64-bit numbers, the first eight bytes of `md5("<store>#<i>")`; a name
/// belongs to the first place at or after the first eight bytes of `md5(name)`.
package struct ConsistentHashRing: Sendable, Hashable {
    /// More places spread the names more evenly: with 256, a store's share is within about 6 % of 1/n (one sigma).
    static let places = 256

    private struct Place: Sendable, Hashable {
        var position: UInt64
        var store: String
    }

    private let ring: [Place]

    /// `stores` is not empty.
    package init(stores: [String]) {
        precondition(!stores.isEmpty, "there must be a store to route to")
        ring = Set(stores).flatMap { store in
            (0..<Self.places).map { Place(position: NameHash("\(store)#\($0)").prefix, store: store) }
        }.sorted { ($0.position, $0.store) < ($1.position, $1.store) }
    }

    package func store(for name: String) -> String {
        let position = NameHash(name).prefix
        var low = 0
        var high = ring.count
        while low < high {
            let middle = (low + high) / 2
            if ring[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return ring[low == ring.count ? 0 : low].store
    }
}
