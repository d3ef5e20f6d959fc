import Connections
import Inference

/// What `ai.inference.generate` and `ai.inference.chat` return.
struct CompletionResult: Codable, Sendable {
    struct Message: Codable, Sendable {
        var role: String
        var content: String
    }

    /// As the instance counts them; null when it does not.
    struct Tokens: Codable, Sendable {
        var prompt: Int?
        var answer: Int?
    }

    /// Milliseconds.
    struct Timings: Codable, Sendable {
        /// In the task, from its start to the answer.
        var total: Double
        /// From the start to the first token; null for an answer from a cache.
        var firstToken: Double?
        /// What the instance took when it generated the answer.
        var upstream: Double

        private enum CodingKeys: String, CodingKey {
            case total = "total_ms"
            case firstToken = "first_token_ms"
            case upstream = "upstream_ms"
        }
    }

    var model: String
    /// Of a generation.
    var text: String?
    /// Of a chat.
    var message: Message?
    var finishReason: String
    var tokens: Tokens
    /// The address of the instance that generated it.
    var instance: String
    /// `local`, `redis`, or null when it was generated now.
    var cached: String?
    /// Whether it was generated for an equal request that had come just before.
    var shared: Bool
    var timings: Timings

    private enum CodingKeys: String, CodingKey {
        case model, text, message, tokens, instance, cached, shared, timings
        case finishReason = "finish_reason"
    }

    init(_ answer: InferenceAnswer, isChat: Bool, total: Duration) {
        model = answer.model
        text = isChat ? nil : answer.completion.text
        message = isChat ? Message(role: "assistant", content: answer.completion.text) : nil
        finishReason = answer.completion.finishReason
        tokens = Tokens(prompt: answer.completion.promptTokens, answer: answer.completion.answerTokens)
        instance = answer.instance
        cached = answer.cached?.rawValue
        shared = answer.isShared
        timings = Timings(
            total: total.inMilliseconds,
            firstToken: answer.firstToken?.inMilliseconds,
            upstream: answer.upstream.inMilliseconds
        )
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encodeIfPresent(text, forKey: .text)
        try container.encodeIfPresent(message, forKey: .message)
        try container.encode(finishReason, forKey: .finishReason)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(instance, forKey: .instance)
        // Present even when null, so that clients need not ask whether it is there.
        try container.encode(cached, forKey: .cached)
        try container.encode(shared, forKey: .shared)
        try container.encode(timings, forKey: .timings)
    }
}

extension Duration {
    /// To the microsecond.
    var inMilliseconds: Double { Double(nanoseconds / 1000) / 1000 }
}
