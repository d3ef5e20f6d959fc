/// What a store knows of a collection.
package struct VectorCollection: Sendable, Hashable {
    package var name: String
    /// nil as long as the store has not been told.
    package var dimension: Int?
    package var metric: VectorMetric

    package init(name: String, dimension: Int?, metric: VectorMetric) {
        self.name = name
        self.dimension = dimension
        self.metric = metric
    }
}
