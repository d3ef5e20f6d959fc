/// What Chroma tells about a collection.
package struct ChromaCollection: Sendable, Hashable {
    /// Made by the server; a collection that is made again under the same name has another one.
    package var id = ""
    package var name = ""
    /// nil until the first record is there.
    package var dimension: Int?
    /// `cosine`, `l2` or `ip`.
    package var space = "l2"
    package var metadata: [String: MetadataValue] = [:]

    static func read(_ input: inout JSONInput) throws -> ChromaCollection {
        var collection = ChromaCollection()
        try input.object { key, input in
            switch key {
            case "id": collection.id = try input.string()
            case "name": collection.name = try input.string()
            case "dimension": collection.dimension = input.null() ? nil : try input.int()
            case "configuration_json": try readSpace(&input, into: &collection.space)
            case "metadata": collection.metadata = try input.metadata() ?? [:]
            default: try input.skip()
            }
        }
        return collection
    }

    /// `{"hnsw": {"space": …}}`; a hosted Chroma has `spann` in place of `hnsw`.
    private static func readSpace(_ input: inout JSONInput, into space: inout String) throws {
        guard !input.null() else { return }
        try input.object { key, input in
            guard key == "hnsw" || key == "spann" else { return try input.skip() }
            guard !input.null() else { return }
            try input.object { key, input in
                if key == "space" { space = try input.string() } else { try input.skip() }
            }
        }
    }
}

extension JSONInput {
    /// An object of single values; nil for `null`. Members of other kinds are left out.
    mutating func metadata() throws -> [String: MetadataValue]? {
        guard !null() else { return nil }
        var values: [String: MetadataValue] = [:]
        try object { key, input in values[key] = try input.scalar() }
        return values
    }
}
