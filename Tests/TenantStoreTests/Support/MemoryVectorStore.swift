import Synchronization

@testable import TenantStore

/// A store that computes every score: what the others' answers are held against.
final class MemoryVectorStore: VectorStore {
    struct Kept {
        var collection: VectorCollection
        var points: [String: VectorPoint] = [:]
    }

    let name: String
    let address = "memory"
    private let kept = Mutex<[String: Kept]>([:])

    init(_ name: String) { self.name = name }

    func check() async throws {}

    func collections() async throws -> [VectorCollection] {
        kept.withLock { $0.values.map(\.collection).sorted { $0.name < $1.name } }
    }

    func describe(_ collection: String) async throws -> VectorCollection? {
        kept.withLock { $0[collection]?.collection }
    }

    func create(_ collection: VectorCollection) async throws -> VectorCollection {
        kept.withLock { kept in
            if let there = kept[collection.name] { return there.collection }
            kept[collection.name] = Kept(collection: collection)
            return collection
        }
    }

    func deleteCollection(_ collection: String) async throws -> Bool {
        kept.withLock { $0.removeValue(forKey: collection) != nil }
    }

    func upsert(_ points: [VectorPoint], into collection: String) async throws {
        try change(collection) { kept in
            for point in points { kept.points[point.id] = point }
        }
    }

    func add(_ points: [VectorPoint], into collection: String) async throws {
        try change(collection) { kept in
            for point in points where kept.points[point.id] == nil { kept.points[point.id] = point }
        }
    }

    func points(_ ids: [String], in collection: String) async throws -> [VectorPoint] {
        try change(collection) { kept in ids.compactMap { kept.points[$0] } }
    }

    func ids(in collection: String) async throws -> [String] {
        try change(collection) { Array($0.points.keys) }
    }

    func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?
    ) async throws -> [VectorMatch] {
        let all = try change(collection) { kept in
            kept.points.values.map { point in
                VectorMatch(id: point.id, score: Self.cosine(vector, point.vector), document: point.document)
            }
        }
        // Which of equal scores come first is left to chance, as real stores do.
        return Array(all.shuffled().sorted { $0.score > $1.score }.prefix(limit))
    }

    func delete(ids: [String], from collection: String) async throws {
        try change(collection) { kept in
            for id in ids { kept.points[id] = nil }
        }
    }

    func count(_ collection: String) async throws -> Int {
        try change(collection) { $0.points.count }
    }

    private func change<Value: Sendable>(_ collection: String, _ body: (inout Kept) -> Value) throws -> Value {
        try kept.withLock { all in
            guard var one = all.removeValue(forKey: collection) else {
                throw VectorError.unknownCollection(collection)
            }
            defer { all[collection] = one }
            return body(&one)
        }
    }

    private static func cosine(_ left: [Float], _ right: [Float]) -> Double {
        var product = 0.0
        var lengths = (0.0, 0.0)
        for (x, y) in zip(left, right) {
            product += Double(x) * Double(y)
            lengths.0 += Double(x) * Double(x)
            lengths.1 += Double(y) * Double(y)
        }
        let length = (lengths.0 * lengths.1).squareRoot()
        return length == 0 ? 0 : product / length
    }
}
