import Connections

/// A generated answer, and how it came about.
package struct InferenceAnswer: Sendable, Hashable {
    package var model: String
    package var completion: ModelCompletion
    /// Who generated it.
    package var instance: String
    /// Where it was found; nil when it was generated for this request or for an equal one at the same time.
    package var cached: CacheLevel?
    /// Whether an equal request had begun it.
    package var isShared: Bool
    /// From the question to the first piece of text; nil when it was kept.
    package var firstToken: Duration?
    /// What the instance took.
    package var upstream: Duration
}
