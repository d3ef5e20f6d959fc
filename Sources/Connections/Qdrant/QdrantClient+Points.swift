extension QdrantClient {
    /// Writes points in place of those of the same ids.
    package func upsert(_ points: [QdrantPoint], into collection: String) async throws {
        var body = JSONOutput(capacity: points.count * ((points.first?.vector.count ?? 0) * 13 + 256))
        body.raw(#"{"points":"#)
        body.array(points) { $1.write(into: &$0) }
        body.raw("}")
        try await result("PUT", path(collection, "/points?wait=true"), body: body, "writing points") { try $0.skip() }
    }

    package func delete(_ ids: [String], from collection: String) async throws {
        var body = JSONOutput()
        body.raw(#"{"points":"#)
        body.array(ids.map(QdrantPoint.uuid(of:)))
        body.raw("}")
        try await result("POST", path(collection, "/points/delete?wait=true"), body: body, "deleting points") {
            try $0.skip()
        }
    }

    /// Exactly, not the estimate that Qdrant also has.
    package func count(_ collection: String) async throws -> Int {
        var body = JSONOutput()
        body.raw(#"{"exact":true}"#)
        return try await result("POST", path(collection, "/points/count"), body: body, "counting points") { input in
            var count = 0
            try input.member("count") { count = try $0.int() }
            return count
        }
    }

    /// The points of those ids that are there, in no order. Without `vectors` only ids, documents and metadata.
    package func points(_ ids: [String], vectors: Bool, from collection: String) async throws -> [QdrantPoint] {
        var body = JSONOutput()
        body.raw(#"{"with_payload":true,"with_vector":"#)
        body.value(vectors)
        body.raw(#","ids":"#)
        body.array(ids.map(QdrantPoint.uuid(of:)))
        body.raw("}")
        return try await result("POST", path(collection, "/points"), body: body, "reading points") {
            try Self.points(&$0)
        }
    }

    /// One page of ids, in Qdrant's order, and where the next page begins; nil after the last.
    ///
    /// - Parameter offset: as the page before gave it, nil for the first.
    package func ids(
        of collection: String,
        offset: MetadataValue?,
        limit: Int
    ) async throws -> (ids: [String], next: MetadataValue?) {
        var body = JSONOutput()
        body.raw(#"{"with_vector":false,"with_payload":["id"],"limit":"#)
        body.value(limit)
        if let offset {
            body.raw(#","offset":"#)
            body.value(offset)
        }
        body.raw("}")
        return try await result("POST", path(collection, "/points/scroll"), body: body, "listing ids") { input in
            var points: [QdrantPoint] = []
            var next: MetadataValue?
            try input.object { key, input in
                switch key {
                case "points": points = try Self.points(&input)
                case "next_page_offset": next = try input.scalar()
                default: try input.skip()
                }
            }
            return (points.map(\.id), next)
        }
    }

    /// The nearest points, nearest first. `filter` is Qdrant's, as JSON.
    package func query(
        _ vector: [Float],
        limit: Int,
        filter: JSONOutput?,
        in collection: String
    ) async throws -> [QdrantPoint] {
        var body = JSONOutput(capacity: 64 + vector.count * 12)
        body.raw(#"{"with_payload":true,"query":"#)
        body.vector(vector)
        body.raw(#","limit":"#)
        body.value(limit)
        if let filter {
            body.raw(#","filter":"#)
            body.raw(filter)
        }
        body.raw("}")
        return try await result("POST", path(collection, "/points/query"), body: body, "searching") { input in
            var points: [QdrantPoint] = []
            try input.member("points") { points = try Self.points(&$0) }
            return points
        }
    }

    private static func points(_ input: inout JSONInput) throws -> [QdrantPoint] {
        var points: [QdrantPoint] = []
        try input.array { points.append(try QdrantPoint.read(&$0)) }
        return points
    }
}
