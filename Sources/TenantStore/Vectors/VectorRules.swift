import Connections

/// What all stores can keep. Checked before a store is asked, so that every store refuses the same in the same words.
package enum VectorRules {
    /// Most elements of a vector; Qdrant's limit.
    package static let maxDimension = 65_536
    /// Most bytes of an id, in UTF-8.
    package static let maxIDBytes = 1_024
    /// Most bytes of a document, in UTF-8.
    package static let maxDocumentBytes = 1 << 20
    /// Most bytes of all metadata of a point, keys and texts.
    package static let maxMetadataBytes = 64 << 10
    /// Most points of one call.
    package static let maxPoints = 10_000
    /// Most matches of one search.
    package static let maxLimit = 10_000

    /// Chroma's rule for names, with the length that is also safe for Qdrant, whose collections are folders.
    package static func check(collection name: String) throws(VectorError) {
        let letters = Array(name.utf8)
        func isPlain(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard (3...200).contains(letters.count), let first = letters.first, let last = letters.last, isPlain(first),
            isPlain(last), letters.allSatisfy({ isPlain($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else {
            throw VectorError(
                .badName,
                "\"\(shortened(name))\" can't name a collection: write 3 to 200 of the characters a-z, A-Z, 0-9, "
                    + "'.', '_' and '-', with a letter or digit at both ends"
            )
        }
    }

    package static func check(_ points: [VectorPoint]) throws(VectorError) {
        guard points.count <= maxPoints else {
            throw VectorError(.tooLarge, "\(points.count) points at once; at most \(maxPoints) are taken")
        }
        var ids: Set<String> = []
        ids.reserveCapacity(points.count)
        for point in points {
            try check(id: point.id)
            guard ids.insert(point.id).inserted else {
                throw VectorError(.duplicateID, "the id \"\(shortened(point.id))\" occurs twice among the points")
            }
            try check(vector: point.vector, of: "point \"\(shortened(point.id))\"")
            if let bytes = point.document?.utf8.count, bytes > maxDocumentBytes {
                throw VectorError(
                    .tooLarge,
                    "the document of \"\(shortened(point.id))\" has \(bytes) bytes; at most \(maxDocumentBytes) are "
                        + "kept"
                )
            }
            try check(metadata: point.metadata, of: point.id)
        }
    }

    package static func check(vector: [Float], of what: @autoclosure () -> String) throws(VectorError) {
        guard (1...maxDimension).contains(vector.count) else {
            throw VectorError(
                .tooLarge,
                "the vector of \(what()) has \(vector.count) elements; 1 to \(maxDimension) are possible"
            )
        }
        // A sum of products with zero is NaN as soon as one element is NaN or infinite; one pass without branches.
        var probe: Float = 0
        for element in vector { probe += element * 0 }
        guard probe == 0 else {
            throw VectorError(.notFinite, "the vector of \(what()) has an element that is not a finite number")
        }
    }

    package static func check(id: String) throws(VectorError) {
        guard !id.isEmpty, id.utf8.count <= maxIDBytes else {
            throw VectorError(.badID, "an id must have 1 to \(maxIDBytes) bytes, not \(id.utf8.count)")
        }
    }

    package static func check(limit: Int) throws(VectorError) {
        guard (1...maxLimit).contains(limit) else {
            throw VectorError(.badLimit, "the limit of a search must be from 1 to \(maxLimit), not \(limit)")
        }
    }

    private static func check(metadata: [String: VectorValue], of id: String) throws(VectorError) {
        var bytes = 0
        for (key, value) in metadata {
            try check(key: key, value: value)
            bytes += key.utf8.count
            if case .string(let text) = value { bytes += text.utf8.count }
        }
        guard bytes <= maxMetadataBytes else {
            throw VectorError(
                .tooLarge,
                "the metadata of \"\(shortened(id))\" has \(bytes) bytes; at most \(maxMetadataBytes) are kept"
            )
        }
    }

    /// Chroma takes `$…` for operators, `#…` and `chroma:…` for itself; Qdrant's paths can't say a double quote or a
    /// backslash.
    static func check(key: String, value: VectorValue) throws(VectorError) {
        let isReserved = key.hasPrefix("$") || key.hasPrefix("#") || key.hasPrefix("chroma:")
        guard !key.isEmpty, !isReserved, !key.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0 }) else {
            throw VectorError(
                .badMetadata,
                "\"\(shortened(key))\" can't be a metadata key: it must not be empty, not begin with $, # or chroma:, "
                    + "and hold no double quote and no backslash"
            )
        }
        if case .double(let number) = value, !number.isFinite {
            throw VectorError(.badMetadata, "metadata \"\(shortened(key))\" is not a finite number")
        }
    }

    static func shortened(_ text: String) -> String { text.count > 60 ? "\(text.prefix(60))…" : text }
}
