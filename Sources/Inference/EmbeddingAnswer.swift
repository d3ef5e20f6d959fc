import Connections

/// The vectors of some texts, and how they came about.
package struct EmbeddingAnswer: Sendable, Hashable {
    package var model: String
    package var vectors: [[Float]]
    /// Who made the first vector that was not kept; nil when all were.
    package var instance: String?
    /// `redis` when some were found there and the rest in this process; nil when any had to be made.
    package var cached: CacheLevel?
    /// How many vectors were found in a cache.
    package var hits: Int
}
