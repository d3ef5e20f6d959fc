import Connections

/// Moves the points of one collection off one store, as far as they belong elsewhere.
struct CollectionMover: Sendable {
    let rebalance: VectorRebalance
    let store: any VectorStore
    let collection: VectorCollection
    /// Between batches, so that writers that wait get their turn.
    private static let pause = Duration.milliseconds(25)

    private var vectors: Vectors { rebalance.vectors }
    private var name: String { collection.name }
    private var belongsHere: Bool { rebalance.target.stores(of: name).contains(store.name) }

    init(rebalance: VectorRebalance, store: any VectorStore, collection: VectorCollection) {
        self.rebalance = rebalance
        self.store = store
        self.collection = collection
    }

    func run() async throws -> (points: Int, isCleared: Bool) {
        let owner = rebalance.target.owners(in: name)
        var moved = 0
        while let all = try await vectors.known({ try await store.ids(in: name) }) {
            let strangers = all.filter { owner($0) != store.name }.sorted()
            for start in stride(from: 0, to: strangers.count, by: vectors.options.moveBatch) {
                let batch = Array(strangers[start..<min(start + vectors.options.moveBatch, strangers.count)])
                moved += try await exclusively { lease in try await move(batch, lease) }
                try await Task.sleep(for: Self.pause)
            }
            guard strangers.isEmpty else { continue }
            if belongsHere {
                try await exclusively { _ in try await makeEverywhere() }
                return (moved, false)
            }
            if try await exclusively({ _ in try await clear() }) { return (moved, true) }
        }
        return (moved, false)
    }

    /// Gives how many of them were still there.
    private func move(_ ids: [String], _ lease: MoveLease) async throws -> Int {
        guard let points = try await vectors.known({ try await store.points(ids, in: name) }), !points.isEmpty else {
            return 0
        }
        try await makeEverywhere()
        let owner = rebalance.target.owners(in: name)
        for (target, part) in Vectors.grouped(points, by: { owner($0.id) }) {
            try await lease.check()
            try await vectors.store(target).add(part, into: name)
        }
        try await lease.check()
        try await store.delete(ids: points.map(\.id), from: name)
        return points.count
    }

    /// A collection without points goes on existing, and a spread one exists everywhere.
    private func makeEverywhere() async throws {
        guard let current = try await store.describe(name) else { return }
        for target in rebalance.target.stores(of: name) where target != store.name {
            let other = try vectors.store(target)
            let made = try await other.describe(name)
            // Chroma may know no size before the first vector, Qdrant needs one: a name without points or size is
            // dropped.
            guard made == nil, current.dimension != nil else { continue }
            _ = try await other.create(current)
        }
    }

    /// Deletes the collection here if it is empty.
    private func clear() async throws -> Bool {
        guard let count = try await vectors.known({ try await store.count(name) }), count == 0 else { return false }
        try await makeEverywhere()
        return try await store.deleteCollection(name)
    }

    /// Runs `body` while no worker writes to the collection.
    private func exclusively<Value>(_ body: (MoveLease) async throws -> Value) async throws -> Value {
        let lease = MoveLease(rebalance: rebalance, collection: name)
        do {
            try await lease.take()
            let value = try await body(lease)
            await lease.release()
            return value
        } catch {
            await lease.release()
            throw error
        }
    }
}
