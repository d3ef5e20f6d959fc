import Synchronization

@testable import TenantStore

/// The life of a process that dies at a chosen call: nothing it does after that has any effect.
final class Life: Sendable {
    struct Death: Error {}

    /// Where, in the call at which it ends, the process dies.
    enum Moment: Sendable, CaseIterable {
        case beforeTheEffect, afterTheEffect
    }

    private let left: Atomic<Int>
    private let moment: Moment

    init(calls: Int = .max, _ moment: Moment = .beforeTheEffect) {
        left = Atomic(calls)
        self.moment = moment
    }

    /// How many calls were made, of an endless life.
    var calls: Int { .max - left.load(ordering: .relaxed) }

    func live<Value>(_ body: () async throws -> Value) async throws -> Value {
        let left = left.subtract(1, ordering: .relaxed).newValue
        guard left >= 0 || (left == -1 && moment == .afterTheEffect) else { throw Death() }
        let value = try await body()
        guard left >= 0 else { throw Death() }
        return value
    }
}

struct MortalStore: VectorStore {
    let base: MemoryVectorStore
    let life: Life

    var name: String { base.name }
    var address: String { base.address }

    func check() async throws { try await life.live { try await base.check() } }
    func collections() async throws -> [VectorCollection] { try await life.live { try await base.collections() } }
    func describe(_ collection: String) async throws -> VectorCollection? {
        try await life.live { try await base.describe(collection) }
    }
    func create(_ collection: VectorCollection) async throws -> VectorCollection {
        try await life.live { try await base.create(collection) }
    }
    func deleteCollection(_ collection: String) async throws -> Bool {
        try await life.live { try await base.deleteCollection(collection) }
    }
    func upsert(_ points: [VectorPoint], into collection: String) async throws {
        try await life.live { try await base.upsert(points, into: collection) }
    }
    func add(_ points: [VectorPoint], into collection: String) async throws {
        try await life.live { try await base.add(points, into: collection) }
    }
    func points(_ ids: [String], in collection: String) async throws -> [VectorPoint] {
        try await life.live { try await base.points(ids, in: collection) }
    }
    func ids(in collection: String) async throws -> [String] {
        try await life.live { try await base.ids(in: collection) }
    }
    func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?
    ) async throws -> [VectorMatch] {
        try await life.live { try await base.search(vector, in: collection, limit: limit, where: filter) }
    }
    func delete(ids: [String], from collection: String) async throws {
        try await life.live { try await base.delete(ids: ids, from: collection) }
    }
    func count(_ collection: String) async throws -> Int { try await life.live { try await base.count(collection) } }
}

struct MortalCoordination: VectorCoordination {
    let base: MemoryCoordination
    let life: Life

    func state(adopting layout: VectorLayout) async throws -> VectorLayoutState {
        try await life.live { try await base.state(adopting: layout) }
    }
    func announce(_ pending: VectorLayout, after inForce: VectorLayout, delay: Duration) async throws -> Bool {
        try await life.live { try await base.announce(pending, after: inForce, delay: delay) }
    }
    func finish(_ pending: VectorLayout) async throws -> Bool { try await life.live { try await base.finish(pending) } }
    func beginWrite(_ collection: String, token: String, lease: Duration) async throws -> Bool {
        try await life.live { try await base.beginWrite(collection, token: token, lease: lease) }
    }
    func endWrite(_ collection: String, token: String) async {
        try? await life.live { await base.endWrite(collection, token: token) }
    }
    func beginMove(_ collection: String, token: String, lease: Duration) async throws -> Int? {
        try await life.live { try await base.beginMove(collection, token: token, lease: lease) }
    }
    func holdsMove(_ collection: String, token: String) async throws -> Bool {
        try await life.live { try await base.holdsMove(collection, token: token) }
    }
    func endMove(_ collection: String, token: String) async {
        try? await life.live { await base.endMove(collection, token: token) }
    }
    /// Not counted: it is called by the clock.
    func holdRebalance(token: String, lease: Duration) async throws -> Bool {
        try await base.holdRebalance(token: token, lease: lease)
    }
    func releaseRebalance(token: String) async {
        try? await life.live { await base.releaseRebalance(token: token) }
    }
}
