import Connections

/// Collections in one database of a Chroma server.
///
/// Chroma goes by ids of collections that it makes; they are remembered, and asked for anew when the server does not
/// know one any more, because somebody made the collection again.
package struct ChromaVectorStore: VectorStore {
    package let name: String
    package let address: String
    let client: ChromaClient
    let handles = CollectionCache<ChromaHandle>()
    /// Chroma refuses more than 5,461 records in one request.
    var page = 5_000
    /// The collection's metadata say for which size it was made, because Chroma itself takes the first vector's.
    static let dimensionKey = "chard.dimension"

    package init(name: String, url: VectorStoreURL, token: String?, timeout: Duration) {
        self.name = name
        address = url.description
        client = ChromaClient(url, token: token, timeout: timeout)
    }

    package func check() async throws { try await told { try await client.heartbeat() } }

    package func collections() async throws -> [VectorCollection] {
        try await told { try await client.collections() }.map(Self.collection).sorted { $0.name < $1.name }
    }

    package func describe(_ collection: String) async throws -> VectorCollection? {
        guard let found = try await told({ try await client.collection(collection) }) else { return nil }
        return remembered(found)
    }

    package func create(_ collection: VectorCollection) async throws -> VectorCollection {
        var metadata: [String: MetadataValue] = ["chard.metric": .string(collection.metric.rawValue)]
        if let dimension = collection.dimension { metadata[Self.dimensionKey] = .int(dimension) }
        let made = try await told {
            try await client.create(collection.name, space: Self.space(collection.metric), metadata: metadata)
        }
        return remembered(made)
    }

    package func deleteCollection(_ collection: String) async throws -> Bool {
        handles.forget(collection)
        return try await told { try await client.deleteCollection(collection) }
    }

    package func add(_ points: [VectorPoint], into collection: String) async throws {
        try await with(collection, dimension: points.first?.vector.count) {
            try await client.add(Self.records(points), into: $0.id)
        }
    }

    package func points(_ ids: [String], in collection: String) async throws -> [VectorPoint] {
        guard !ids.isEmpty else { return [] }
        let found = try await with(collection) {
            try await client.records(ids, include: ["embeddings", "documents", "metadatas"], from: $0.id)
        }
        return found.ids.indices.map { index in
            VectorPoint(
                id: found.ids[index],
                vector: found.embeddings[index],
                document: Self.document(found.documents[index]),
                metadata: found.metadatas[index]
            )
        }
    }

    /// Pages overlap by half, because a record that is deleted meanwhile moves all later ones one place forward.
    package func ids(in collection: String) async throws -> [String] {
        var all: Set<String> = []
        var offset = 0
        while true {
            let found = try await with(collection) {
                try await client.ids(of: $0.id, offset: offset, limit: page)
            }
            all.formUnion(found)
            guard found.count == page else { return Array(all) }
            offset += page / 2
        }
    }

    package func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?
    ) async throws -> [VectorMatch] {
        let (found, metric) = try await with(collection, dimension: vector.count) { handle in
            (try await client.query(vector, limit: limit, filter: filter?.chroma, in: handle.id), handle.metric)
        }
        return found.ids.indices.map { index in
            VectorMatch(
                id: found.ids[index],
                score: metric == .euclid ? -found.distances[index] : 1 - found.distances[index],
                document: Self.document(found.documents[index]),
                metadata: found.metadatas[index]
            )
        }
    }

    package func delete(ids: [String], from collection: String) async throws {
        guard !ids.isEmpty else { return }
        try await with(collection) { try await client.delete(ids, from: $0.id) }
    }

    package func count(_ collection: String) async throws -> Int {
        try await with(collection) { try await client.count($0.id) }
    }
}
