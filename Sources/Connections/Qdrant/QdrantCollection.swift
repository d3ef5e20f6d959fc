/// What Qdrant tells about a collection with one unnamed vector per point.
package struct QdrantCollection: Sendable, Hashable {
    /// 0 when its vectors have names, which Chard does not use.
    package var dimension = 0
    /// `Cosine`, `Euclid`, `Dot` or `Manhattan`.
    package var distance = ""

    /// `result.config.params.vectors` of the answer.
    static func read(_ input: inout JSONInput) throws -> QdrantCollection {
        var collection = QdrantCollection()
        try input.member("config") { input in
            try input.member("params") { input in
                try input.member("vectors") { input in
                    try input.object { key, input in
                        switch key {
                        case "size": collection.dimension = try input.int()
                        case "distance": collection.distance = try input.string()
                        default: try input.skip()
                        }
                    }
                }
            }
        }
        return collection
    }
}

extension JSONInput {
    /// Reads the member of that name and goes past the others.
    mutating func member(_ name: String, _ body: (inout JSONInput) throws -> Void) throws {
        try object { key, input in
            if key == name { try body(&input) } else { try input.skip() }
        }
    }
}
