import Connections

/// Collections on a Qdrant server. A collection that others made is readable when its vectors have no names; its points
/// then go by Qdrant's own ids.
package struct QdrantVectorStore: VectorStore {
    package let name: String
    package let address: String
    private let client: QdrantClient
    private let metrics = CollectionCache<VectorMetric>()
    var page = 1_000

    package init(name: String, url: VectorStoreURL, key: String?, timeout: Duration) {
        self.name = name
        address = url.description
        client = QdrantClient(url, key: key, timeout: timeout)
    }

    package func check() async throws { try await told { try await client.ready() } }

    package func collections() async throws -> [VectorCollection] {
        var collections: [VectorCollection] = []
        for name in try await told({ try await client.collections() }).sorted() {
            // One that went away in between is not there.
            if let collection = try await describe(name) { collections.append(collection) }
        }
        return collections
    }

    package func describe(_ collection: String) async throws -> VectorCollection? {
        guard let found = try await told({ try await client.collection(collection) }), found.dimension > 0 else {
            return nil
        }
        return VectorCollection(name: collection, dimension: found.dimension, metric: Self.metric(found.distance))
    }

    package func create(_ collection: VectorCollection) async throws -> VectorCollection {
        guard let dimension = collection.dimension else {
            throw VectorError(.refused(store: name), "a collection in Qdrant needs the size of its vectors")
        }
        let isNew = try await told {
            try await client.create(
                collection.name,
                dimension: dimension,
                distance: Self.distance(collection.metric)
            )
        }
        guard !isNew else { return collection }
        return try await describe(collection.name) ?? collection
    }

    package func deleteCollection(_ collection: String) async throws -> Bool {
        metrics.forget(collection)
        return try await told { try await client.deleteCollection(collection) }
    }

    package func upsert(_ points: [VectorPoint], into collection: String) async throws {
        try await told(collection, dimension: points.first?.vector.count) {
            try await client.upsert(points.map(Self.point), into: collection)
        }
    }

    /// Asks which ids are there, then writes the others.
    package func add(_ points: [VectorPoint], into collection: String) async throws {
        let there = Set(
            try await told(collection) {
                try await client.points(points.map(\.id), vectors: false, from: collection).map(\.id)
            }
        )
        let new = points.filter { !there.contains($0.id) }
        if !new.isEmpty { try await upsert(new, into: collection) }
    }

    package func points(_ ids: [String], in collection: String) async throws -> [VectorPoint] {
        try await told(collection) {
            try await client.points(ids, vectors: true, from: collection).map {
                VectorPoint(id: $0.id, vector: $0.vector, document: $0.document, metadata: $0.metadata)
            }
        }
    }

    package func ids(in collection: String) async throws -> [String] {
        var ids: Set<String> = []
        var offset: MetadataValue?
        repeat {
            let (found, next) = try await told(collection) {
                try await client.ids(of: collection, offset: offset, limit: page)
            }
            ids.formUnion(found)
            offset = next
        } while offset != nil
        return Array(ids)
    }

    package func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?
    ) async throws -> [VectorMatch] {
        let found = try await told(collection, dimension: vector.count) {
            try await client.query(vector, limit: limit, filter: filter?.qdrant, in: collection)
        }
        guard let first = found.first, let last = found.last else { return [] }
        // The scores of Euclid are distances and grow; if the order contradicts what is remembered, look again.
        var metric = try await metric(of: collection)
        if first.score != last.score, (first.score < last.score) != (metric == .euclid) {
            metrics.forget(collection)
            metric = try await self.metric(of: collection)
        }
        return found.map {
            let score = metric == .euclid ? -$0.score * $0.score : $0.score
            return VectorMatch(id: $0.id, score: score, document: $0.document, metadata: $0.metadata)
        }
    }

    package func delete(ids: [String], from collection: String) async throws {
        try await told(collection) { try await client.delete(ids, from: collection) }
    }

    package func count(_ collection: String) async throws -> Int {
        try await told(collection) { try await client.count(collection) }
    }
}

extension QdrantVectorStore {
    private func metric(of collection: String) async throws -> VectorMetric {
        if let metric = metrics[collection] { return metric }
        guard let found = try await describe(collection) else { throw VectorError.unknownCollection(collection) }
        metrics[collection] = found.metric
        return found.metric
    }

    private static func point(_ point: VectorPoint) -> QdrantPoint {
        let document = point.document?.isEmpty == true ? nil : point.document
        return QdrantPoint(id: point.id, vector: point.vector, document: document, metadata: point.metadata)
    }

    private static func metric(_ distance: String) -> VectorMetric {
        switch distance {
        case "Euclid": .euclid
        case "Dot": .dot
        default: .cosine
        }
    }

    private static func distance(_ metric: VectorMetric) -> String {
        switch metric {
        case .cosine: "Cosine"
        case .euclid: "Euclid"
        case .dot: "Dot"
        }
    }

    private func told<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ServiceError {
            throw VectorError(error, store: name)
        }
    }

    /// With what a refusal means for the collection: that it is not there, or holds vectors of another size.
    private func told<Value>(
        _ collection: String,
        dimension: Int? = nil,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as ServiceError {
            if error.code == .notFound {
                metrics.forget(collection)
                throw VectorError.unknownCollection(collection)
            }
            if case .refused(400..<500) = error.code, let dimension,
                let expected = try await describe(collection)?.dimension, expected != dimension
            {
                throw VectorError.wrongDimension(collection, expected: expected, given: dimension)
            }
            throw VectorError(error, store: name)
        }
    }
}
