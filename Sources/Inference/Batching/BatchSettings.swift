/// How embeddings that arrive together are sent together.
package struct BatchSettings: Sendable, Hashable {
    /// The most texts in one call. Default 64; 1 sends each at once.
    package var maxTexts = 64
    /// How long the first one waits for others. Default 5 ms.
    package var maxDelay: Duration = .milliseconds(5)

    package init() {}
}
