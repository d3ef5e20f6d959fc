/// Records on their way to or from Chroma: columns of equal length, as its API has them.
package struct ChromaRecords: Sendable, Hashable {
    package var ids: [String]
    /// Empty when they were not asked for.
    package var embeddings: [[Float]]
    package var documents: [String?]
    package var metadatas: [[String: MetadataValue]]
    /// The distances to a query, the smaller the nearer; empty outside searches.
    package var distances: [Double]

    package init(
        ids: [String] = [],
        embeddings: [[Float]] = [],
        documents: [String?] = [],
        metadatas: [[String: MetadataValue]] = [],
        distances: [Double] = []
    ) {
        self.ids = ids
        self.embeddings = embeddings
        self.documents = documents
        self.metadatas = metadatas
        self.distances = distances
    }
}
