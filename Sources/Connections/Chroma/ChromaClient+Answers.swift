extension ChromaClient {
    /// The answer of `get`: one column per kind, each maybe null.
    static func records(_ input: inout JSONInput) throws -> ChromaRecords {
        var records = ChromaRecords()
        try input.object { key, input in
            switch key {
            case "ids": try input.array { records.ids.append(try $0.string()) }
            case "embeddings": records.embeddings = try embeddings(&input)
            case "documents": records.documents = try input.column { try $0.string() }
            case "metadatas":
                records.metadatas = try input.column { try $0.metadata() }.map { $0.flatMap { $0 } ?? [:] }
            default: try input.skip()
            }
        }
        return records
    }

    /// The answer of `query` with one vector: the same columns, each in a list of one.
    static func matches(_ input: inout JSONInput) throws -> ChromaRecords {
        var records = ChromaRecords()
        try input.object { key, input in
            switch key {
            case "ids": try input.array { try $0.array { records.ids.append(try $0.string()) } }
            case "distances": try input.lists { records.distances = try $0.column { try $0.number() }.map { $0 ?? 0 } }
            case "documents": try input.lists { records.documents = try $0.column { try $0.string() } }
            case "metadatas":
                try input.lists {
                    records.metadatas = try $0.column { try $0.metadata() }.map { $0.flatMap { $0 } ?? [:] }
                }
            default: try input.skip()
            }
        }
        return records
    }

    private static func embeddings(_ input: inout JSONInput) throws -> [[Float]] {
        guard !input.null() else { return [] }
        var embeddings: [[Float]] = []
        try input.array { embeddings.append(try $0.vector(expecting: embeddings.first?.count ?? 0)) }
        return embeddings
    }
}

extension JSONInput {
    /// An array whose elements may be null; empty for `null`.
    fileprivate mutating func column<Element>(_ element: (inout JSONInput) throws -> Element) throws -> [Element?] {
        guard !null() else { return [] }
        var column: [Element?] = []
        try array { column.append($0.null() ? nil : try element(&$0)) }
        return column
    }

    /// An array of arrays; nothing for `null`.
    fileprivate mutating func lists(_ body: (inout JSONInput) throws -> Void) throws {
        guard !null() else { return }
        try array(body)
    }
}

extension JSONOutput {
    mutating func documents(_ documents: [String?]) {
        array(documents) { output, text in
            if let text { output.value(text) } else { output.raw("null") }
        }
    }
}
