/// Where vectors are at present: by one layout, or on their way from one to another.
struct VectorView: Sendable, Hashable {
    /// Who keeps what, or shall.
    let target: VectorPlacement
    /// Who kept it until the rebalance began; nil when none is on.
    let source: VectorPlacement?

    /// The stores to read one after the other. A point on its way is first added to its new store and then deleted from
    /// its old one, so that who asks the old store first sees it in one of the two; the later answer is the newer.
    func rounds(of collection: String) -> [[String]] {
        let new = target.stores(of: collection)
        guard let source else { return [new] }
        let old = source.stores(of: collection)
        // One and the same store for all points: nothing is on its way.
        return old == new && new.count == 1 ? [new] : [old, new]
    }

    /// Whether any of the points has to change its store.
    func moves(_ ids: some Sequence<String>, of collection: String) -> Bool {
        guard let source else { return false }
        let old = source.owners(in: collection)
        let new = target.owners(in: collection)
        return ids.contains { old($0) != new($0) }
    }

    func moves(_ collection: String) -> Bool { rounds(of: collection).count > 1 }
}
