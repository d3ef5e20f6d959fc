@testable import TenantStore

/// A store in memory, as a process with that life uses it.
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
