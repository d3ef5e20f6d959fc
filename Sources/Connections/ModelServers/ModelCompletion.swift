/// A generated answer.
package struct ModelCompletion: Sendable, Hashable, Codable {
    package var text: String
    /// Why it ended: `stop`, `length`, …; empty when the server does not say.
    package var finishReason: String
    /// Tokens of the prompt and of the answer, as the server counts them; nil when it does not.
    package var promptTokens: Int?
    package var answerTokens: Int?

    package init(text: String, finishReason: String, promptTokens: Int? = nil, answerTokens: Int? = nil) {
        self.text = text
        self.finishReason = finishReason
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
    }
}
