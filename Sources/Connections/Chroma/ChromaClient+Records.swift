extension ChromaClient {
    /// Writes records over those of the same ids. Chroma keeps what the new record does not mention: metadata keys, and
    /// the document where it is nil.
    package func upsert(_ records: ChromaRecords, into id: String) async throws {
        _ = try await post(collectionPath(id, "upsert"), Self.columns(records), "writing records")
    }

    /// Writes the records whose ids are not there; the others stay as they are.
    package func add(_ records: ChromaRecords, into id: String) async throws {
        _ = try await post(collectionPath(id, "add"), Self.columns(records), "adding records")
    }

    /// Takes metadata keys from records; `documents` are set where they are not nil.
    package func remove(keys: [[String]], documents: [String?], of ids: [String], in id: String) async throws {
        var body = JSONOutput()
        body.raw(#"{"ids":"#)
        body.array(ids)
        body.raw(#","documents":"#)
        body.documents(documents)
        body.raw(#","metadatas":"#)
        body.array(keys) { output, keys in
            guard !keys.isEmpty else { return output.raw("null") }
            output.raw("{")
            for (index, key) in keys.enumerated() {
                if index > 0 { output.raw(",") }
                output.value(key)
                output.raw(":null")
            }
            output.raw("}")
        }
        body.raw("}")
        _ = try await post(collectionPath(id, "update"), body, "changing records")
    }

    package func delete(_ ids: [String], from id: String) async throws {
        var body = JSONOutput()
        body.raw(#"{"ids":"#)
        body.array(ids)
        body.raw("}")
        _ = try await post(collectionPath(id, "delete"), body, "deleting records")
    }

    package func count(_ id: String) async throws -> Int {
        let answer = try await get(collectionPath(id, "count"), "counting records")
        return try read(answer, "counting records") { try $0.int() }
    }

    /// The records of those ids that are there, in no order.
    ///
    /// - Parameter include: of `embeddings`, `documents` and `metadatas`.
    package func records(_ ids: [String], include: [String], from id: String) async throws -> ChromaRecords {
        var body = JSONOutput()
        body.raw(#"{"ids":"#)
        body.array(ids)
        body.raw(#","include":"#)
        body.array(include)
        body.raw("}")
        let answer = try await post(collectionPath(id, "get"), body, "reading records")
        return try read(answer, "reading records") { try Self.records(&$0) }
    }

    /// Ids from that place on, in the order in which the server keeps them.
    package func ids(of id: String, offset: Int, limit: Int) async throws -> [String] {
        var body = JSONOutput()
        body.raw(#"{"include":[],"offset":"#)
        body.value(offset)
        body.raw(#","limit":"#)
        body.value(limit)
        body.raw("}")
        let answer = try await post(collectionPath(id, "get"), body, "listing ids")
        return try read(answer, "listing ids") { try Self.records(&$0).ids }
    }

    /// The nearest records, nearest first. `filter` is Chroma's `where`, as JSON.
    package func query(_ vector: [Float], limit: Int, filter: JSONOutput?, in id: String) async throws -> ChromaRecords
    {
        var body = JSONOutput(capacity: 64 + vector.count * 12)
        body.raw(#"{"query_embeddings":["#)
        body.vector(vector)
        body.raw(#"],"include":["distances","documents","metadatas"],"n_results":"#)
        body.value(limit)
        if let filter {
            body.raw(#","where":"#)
            body.raw(filter)
        }
        body.raw("}")
        let answer = try await post(collectionPath(id, "query"), body, "searching")
        return try read(answer, "searching") { try Self.matches(&$0) }
    }

    private static func columns(_ records: ChromaRecords) -> JSONOutput {
        let dimension = records.embeddings.first?.count ?? 0
        var body = JSONOutput(capacity: records.ids.count * (dimension * 13 + 256))
        body.raw(#"{"ids":"#)
        body.array(records.ids)
        body.raw(#","embeddings":"#)
        body.array(records.embeddings) { $0.vector($1) }
        body.raw(#","documents":"#)
        body.documents(records.documents)
        body.raw(#","metadatas":"#)
        // An empty map is refused; none at all is not.
        body.array(records.metadatas) { output, values in values.isEmpty ? output.raw("null") : output.object(values) }
        body.raw("}")
        return body
    }
}
