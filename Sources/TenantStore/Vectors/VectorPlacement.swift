import Sharding

/// A layout, ready to be asked who owns what.
struct VectorPlacement: Sendable, Hashable {
    private enum Router: Sendable, Hashable {
        case modulo(ModuloRouter)
        case ring(ConsistentHashRing)

        func store(for name: String) -> String {
            switch self {
            case .modulo(let router): router.store(for: name)
            case .ring(let ring): ring.store(for: name)
            }
        }
    }

    let layout: VectorLayout
    private let router: Router

    init(_ layout: VectorLayout) {
        self.layout = layout
        switch layout.routing {
        case .md5Modulo: router = .modulo(ModuloRouter(stores: layout.stores))
        case .consistent: router = .ring(ConsistentHashRing(stores: layout.stores))
        }
    }

    /// The stores that keep points of the collection.
    func stores(of collection: String) -> [String] {
        layout.spreads(collection) ? layout.stores : [router.store(for: collection)]
    }

    /// For ids of one collection, which store keeps each.
    func owners(in collection: String) -> @Sendable (String) -> String {
        guard layout.spreads(collection) else {
            let store = router.store(for: collection)
            return { _ in store }
        }
        return { [router] in router.store(for: $0) }
    }
}
