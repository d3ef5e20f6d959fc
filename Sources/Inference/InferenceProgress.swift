/// How far a generation is.
package struct InferenceProgress: Sendable, Hashable {
    /// All that was generated so far.
    package var text: String
    /// Pieces of text that came, usually one for each token.
    package var tokens: Int
    package var instance: String
    /// 1, and one more each time that the request moved to another instance, where its text begins anew.
    package var attempt: Int
}
