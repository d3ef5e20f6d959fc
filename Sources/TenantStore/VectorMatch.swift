/// A point that a search found.
package struct VectorMatch: Sendable, Hashable {
    package var id: String
    /// Higher is nearer: the cosine, the dot product, or the negative squared distance (``VectorMetric``).
    package var score: Double
    package var document: String?
    package var metadata: [String: VectorValue]

    package init(id: String, score: Double, document: String? = nil, metadata: [String: VectorValue] = [:]) {
        self.id = id
        self.score = score
        self.document = document
        self.metadata = metadata
    }

    /// Nearest first; equal scores in the order of their ids' UTF-8, so that every answer has one order.
    static func isBefore(_ left: VectorMatch, _ right: VectorMatch) -> Bool {
        guard left.score == right.score else { return left.score > right.score }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}
