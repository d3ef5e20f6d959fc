/// What the vector stores hold, for a person.
package struct VectorStatus: Sendable {
    package struct Store: Sendable {
        package var name: String
        package var address: String
        /// Why it does not answer; nil when it does.
        package var problem: String?
        package var collections: [Collection] = []
    }

    package struct Collection: Sendable {
        package var name: String
        package var dimension: Int?
        package var metric: VectorMetric
        package var points: Int
        /// Whether the layout in force, or the pending one, wants it there.
        package var belongsHere: Bool
        package var isSpread: Bool
    }

    package var inForce: VectorLayout
    package var pending: VectorLayout?
    /// What the settings ask for.
    package var wanted: VectorLayout
    package var stores: [Store]

    /// Asks all stores at once. Throws when the state of the layout can't be read; a store that does not answer is part
    /// of the status.
    package static func of(_ vectors: Vectors) async throws -> VectorStatus {
        let wanted = vectors.options.layout
        let state = try await vectors.coordination?.state(adopting: wanted) ?? VectorLayoutState(inForce: wanted)
        let placement = VectorPlacement(state.pending ?? state.inForce)
        let stores = await withTaskGroup(of: Store.self) { group in
            for store in vectors.stores.values { group.addTask { await look(at: store, placement) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return VectorStatus(
            inForce: state.inForce,
            pending: state.pending,
            wanted: wanted,
            stores: stores.sorted { $0.name < $1.name }
        )
    }

    private static func look(at store: any VectorStore, _ placement: VectorPlacement) async -> Store {
        var status = Store(name: store.name, address: store.address)
        do {
            for found in try await store.collections() {
                // One that has just been deleted is not there.
                guard (try await store.describe(found.name)) != nil else { continue }
                status.collections.append(
                    Collection(
                        name: found.name,
                        dimension: found.dimension,
                        metric: found.metric,
                        points: try await store.count(found.name),
                        belongsHere: placement.stores(of: found.name).contains(store.name),
                        isSpread: placement.layout.spreads(found.name)
                    )
                )
            }
        } catch {
            status.problem = "\(error)"
        }
        return status
    }
}
