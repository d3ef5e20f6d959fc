/// One point on its way to or from Qdrant.
///
/// Qdrant knows only numbers and UUIDs as ids. A point's id is therefore the version 5 UUID of its own id, which stands
/// in the payload beside its document and metadata: `{"id": …, "document": …, "metadata": {…}}`.
package struct QdrantPoint: Sendable, Hashable {
    package var id: String
    /// Empty when it was not asked for. Qdrant gives the vectors of a cosine collection back at length one.
    package var vector: [Float] = []
    package var document: String?
    package var metadata: [String: MetadataValue] = [:]
    /// Similarity, or for `Euclid` the distance; 0 outside searches.
    package var score = 0.0

    package init(
        id: String,
        vector: [Float] = [],
        document: String? = nil,
        metadata: [String: MetadataValue] = [:]
    ) {
        self.id = id
        self.vector = vector
        self.document = document
        self.metadata = metadata
    }

    /// The id under which Qdrant knows the point.
    static func uuid(of id: String) -> String {
        // A namespace of Chard's own, made at random once; another would make all points strangers.
        let namespace: [UInt8] = [
            0x5C, 0x2B, 0x0E, 0x91, 0x7D, 0x44, 0x4F, 0x0B, 0x9A, 0x3E, 0x1C, 0x68, 0xD5, 0xF2, 0xA7, 0x36,
        ]
        var hex = Array(SHA1.hex(of: namespace + Array(id.utf8)).utf8.prefix(32))
        // RFC 9562 §5.5: version 5, variant 10xx.
        hex[12] = UInt8(ascii: "5")
        let variant = UInt8(String(decoding: hex[16...16], as: UTF8.self), radix: 16) ?? 0
        hex[16] = Array("89ab".utf8)[Int(variant & 3)]
        let parts = [hex[..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20...]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}

extension QdrantPoint {
    func write(into output: inout JSONOutput) {
        output.raw(#"{"id":"#)
        output.value(Self.uuid(of: id))
        output.raw(#","vector":"#)
        output.vector(vector)
        output.raw(#","payload":{"id":"#)
        output.value(id)
        if let document {
            output.raw(#","document":"#)
            output.value(document)
        }
        output.raw(#","metadata":"#)
        output.object(metadata)
        output.raw("}}")
    }

    /// A point whose payload has no `id` was not written by us; it goes by Qdrant's own.
    static func read(_ input: inout JSONInput) throws -> QdrantPoint {
        var point = QdrantPoint(id: "")
        var number = ""
        try input.object { key, input in
            switch key {
            case "id":
                switch try input.scalar() {
                case .string(let text): number = text
                case .int(let value): number = String(value)
                default: break
                }
            case "score": point.score = try input.number()
            case "vector": if !input.null() { point.vector = try input.vector() }
            case "payload": if !input.null() { try point.readPayload(&input) }
            default: try input.skip()
            }
        }
        if point.id.isEmpty { point.id = number }
        return point
    }

    private mutating func readPayload(_ input: inout JSONInput) throws {
        var payload = self
        try input.object { key, input in
            switch key {
            case "id": if case .string(let text) = try input.scalar() { payload.id = text }
            case "document": if case .string(let text) = try input.scalar() { payload.document = text }
            case "metadata": payload.metadata = try input.metadata() ?? [:]
            default: try input.skip()
            }
        }
        self = payload
    }
}
