/// What is remembered of a collection of Chroma's: none of it changes as long as it lives.
struct ChromaHandle: Sendable, Hashable {
    /// Made by the server; a collection that is made again under the same name has another one.
    var id: String
    var metric: VectorMetric
    /// nil as long as nobody has said.
    var dimension: Int?
}
