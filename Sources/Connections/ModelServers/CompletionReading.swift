/// What has come of a streamed answer.
struct CompletionReading {
    var text = ""
    var finishReason: String?
    var promptTokens: Int?
    var answerTokens: Int?
    /// Whether the server has said that this is all.
    var isComplete = false

    /// - Throws: When the stream ended before the answer did.
    func finished() throws -> ModelCompletion {
        guard isComplete else { throw ModelServerError.unreachable("the answer ended in the middle") }
        return ModelCompletion(
            text: text,
            finishReason: finishReason ?? "",
            promptTokens: promptTokens,
            answerTokens: answerTokens
        )
    }
}
