extension OpenAIServer {
    struct Models: Decodable {
        struct Model: Decodable { var id: String }
        var data: [Model]
    }

    struct Problem: Decodable {
        struct Detail: Decodable { var message: String }
        var error: Detail
    }

    struct Usage: Decodable {
        var promptTokens: Int?
        var completionTokens: Int?

        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }
    }

    struct Embeddings: Decodable {
        struct Item: Decodable {
            var index: Int
            var embedding: [Float]
        }
        var data: [Item]
        var usage: Usage?
    }

    /// One event of a streamed answer, of a chat or a plain completion.
    struct Chunk: Decodable {
        struct Delta: Decodable { var content: String? }
        struct Choice: Decodable {
            var text: String?
            var delta: Delta?
            var finishReason: String?

            enum CodingKeys: String, CodingKey {
                case text, delta
                case finishReason = "finish_reason"
            }
        }
        var choices: [Choice]?
        var usage: Usage?
        var error: Problem.Detail?
    }

    enum Event {
        case chunk(Chunk)
        case done
    }

    /// The event in a line of the stream; nil for blank lines, comments and other fields
    /// (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
    ///
    /// An event's data may be spread over lines; none of these servers does that.
    static func event(_ line: [UInt8]) throws -> Event? {
        let field = Array("data:".utf8)
        guard line.starts(with: field) else {
            let known = line.isEmpty || ["event:", "id:", "retry:", ":"].contains { line.starts(with: $0.utf8) }
            if known { return nil }
            throw ModelServerError.garbage(ModelServerCall.excerpt(line))
        }
        let data = line.dropFirst(field.count).drop { $0 == UInt8(ascii: " ") }
        if data.elementsEqual("[DONE]".utf8) { return .done }
        let chunk = try ModelServerCall.decode(Chunk.self, Array(data))
        if let error = chunk.error { throw ModelServerError.failed(status: 200, message: error.message) }
        return .chunk(chunk)
    }
}

extension CompletionReading {
    /// Takes an event in; returns the text that it brought.
    mutating func add(_ event: OpenAIServer.Event) -> String {
        guard case .chunk(let chunk) = event else {
            isComplete = true
            return ""
        }
        promptTokens = chunk.usage?.promptTokens ?? promptTokens
        answerTokens = chunk.usage?.completionTokens ?? answerTokens
        let choice = chunk.choices?.first
        finishReason = choice?.finishReason ?? finishReason
        let piece = choice?.delta?.content ?? choice?.text ?? ""
        text += piece
        return piece
    }
}
