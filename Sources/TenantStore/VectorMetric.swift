/// How near two vectors are. It is fixed when a collection is made.
package enum VectorMetric: String, Sendable, Hashable, CaseIterable, Codable {
    /// Score: the cosine of the angle, 1 to -1.
    case cosine
    /// Score: the negative square of the distance, 0 and less.
    case euclid
    /// Score: the dot product.
    case dot
}
