/// The vectors of some texts, in their order.
package struct ModelEmbeddings: Sendable, Hashable {
    package var vectors: [[Float]]
    /// Tokens of all texts together; nil when the server does not say.
    package var tokens: Int?

    package init(vectors: [[Float]], tokens: Int? = nil) {
        self.vectors = vectors
        self.tokens = tokens
    }
}
