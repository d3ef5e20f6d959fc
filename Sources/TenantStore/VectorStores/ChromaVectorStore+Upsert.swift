import Connections

extension ChromaVectorStore {
    /// Chroma's own upsert keeps metadata keys, and the document, that the new point does not have. To find those, the
    /// old records are read while the new ones are written, which takes no longer; only if there are any, a second
    /// request takes them away. Should it fail, the call throws, and repeating it mends the rest.
    package func upsert(_ points: [VectorPoint], into collection: String) async throws {
        guard !points.isEmpty else { return }
        let records = Self.records(points)
        try await with(collection, dimension: points[0].vector.count) { handle in
            async let before = client.records(records.ids, include: Self.columns(for: records), from: handle.id)
            try await client.upsert(records, into: handle.id)
            try await removeLeftovers(try await before, of: records, in: handle.id)
        }
    }

    /// Old documents are only of interest when a new point has none.
    private static func columns(for records: ChromaRecords) -> [String] {
        records.documents.contains { $0 == nil } ? ["metadatas", "documents"] : ["metadatas"]
    }

    private func removeLeftovers(_ before: ChromaRecords, of records: ChromaRecords, in id: String) async throws {
        guard !before.ids.isEmpty else { return }
        let places = Dictionary(records.ids.enumerated().map { ($1, $0) }) { first, _ in first }
        var ids: [String] = []
        var keys: [[String]] = []
        var documents: [String?] = []
        for (index, old) in before.ids.enumerated() {
            guard let place = places[old] else { continue }
            let new = records.metadatas[place]
            let gone = before.metadatas[index].keys.filter { new[$0] == nil }.sorted()
            let hadDocument = records.documents[place] == nil && before.documents[index]?.isEmpty == false
            guard !gone.isEmpty || hadDocument else { continue }
            ids.append(old)
            keys.append(gone)
            // Chroma can't take a document away; an empty one counts as none.
            documents.append(hadDocument ? "" : nil)
        }
        if !ids.isEmpty { try await client.remove(keys: keys, documents: documents, of: ids, in: id) }
    }
}

extension ChromaVectorStore {
    /// Repeats what Chroma 1.5.9 refuses because it is in the middle of something: 500 while it writes a young collection
    /// to disk ("Error creating hnsw segment reader: Nothing found on disk") or deletes records ("Error finding id"), and
    /// 412, "Missing metadata segment", while the collection itself is being deleted; a later try finds the index in
    /// order, or no collection. Tried five times, within half a second.
    private func inOrder<Value>(_ body: () async throws -> Value) async throws -> Value {
        for pause in [5, 20, 80, 320] {
            do {
                return try await body()
            } catch let error as ServiceError where Self.isDisorder(error) {
                try await Task.sleep(for: .milliseconds(pause))
            }
        }
        return try await body()
    }

    private static func isDisorder(_ error: ServiceError) -> Bool {
        switch error.code {
        case .refused(500): true
        case .refused(412): error.reason.contains("segment")
        default: false
        }
    }
}

extension ChromaVectorStore {
    static func records(_ points: [VectorPoint]) -> ChromaRecords {
        ChromaRecords(
            ids: points.map(\.id),
            embeddings: points.map(\.vector),
            documents: points.map { document($0.document) },
            metadatas: points.map(\.metadata)
        )
    }

    static func document(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }

    static func collection(_ found: ChromaCollection) -> VectorCollection {
        var dimension = found.dimension
        if case .int(let size) = found.metadata[dimensionKey] { dimension = dimension ?? size }
        return VectorCollection(name: found.name, dimension: dimension, metric: metric(found.space))
    }

    static func space(_ metric: VectorMetric) -> String {
        switch metric {
        case .cosine: "cosine"
        case .euclid: "l2"
        case .dot: "ip"
        }
    }

    private static func metric(_ space: String) -> VectorMetric {
        switch space {
        case "cosine": .cosine
        case "ip": .dot
        default: .euclid
        }
    }

    func remembered(_ found: ChromaCollection) -> VectorCollection {
        let collection = Self.collection(found)
        handles[found.name] = ChromaHandle(id: found.id, metric: collection.metric, dimension: collection.dimension)
        return collection
    }

    func told<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ServiceError {
            throw VectorError(error, store: name)
        }
    }

    /// Runs `body` with what is known of the collection, and once more when the server does not know that id any more.
    func with<Value>(
        _ collection: String,
        dimension: Int? = nil,
        _ body: (ChromaHandle) async throws -> Value
    ) async throws -> Value {
        if let handle = handles[collection], dimension == nil || handle.dimension == dimension {
            do {
                return try await explained(collection, dimension, handle, body)
            } catch let error as VectorError where error.kind == .unknownCollection(collection) {
                handles.forget(collection)
            }
        }
        guard try await describe(collection) != nil, let handle = handles[collection] else {
            throw VectorError.unknownCollection(collection)
        }
        // An empty collection would take vectors of any size, though it was made for one.
        if let dimension, let expected = handle.dimension, expected != dimension {
            throw VectorError.wrongDimension(collection, expected: expected, given: dimension)
        }
        return try await explained(collection, dimension, handle, body)
    }

    /// With what a refusal means for the collection: that it is not there, or holds vectors of another size.
    private func explained<Value>(
        _ collection: String,
        _ dimension: Int?,
        _ handle: ChromaHandle,
        _ body: (ChromaHandle) async throws -> Value
    ) async throws -> Value {
        do {
            return try await inOrder { try await body(handle) }
        } catch let error as ServiceError {
            if error.code == .notFound { throw VectorError.unknownCollection(collection) }
            if case .refused(400..<500) = error.code, let dimension,
                let expected = try await describe(collection)?.dimension, expected != dimension
            {
                throw VectorError.wrongDimension(collection, expected: expected, given: dimension)
            }
            throw VectorError(error, store: name)
        }
    }
}
