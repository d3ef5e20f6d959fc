import Synchronization

/// A server with Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md).
///
/// Generations are always streamed, so that a server that fell silent is told from one that has much to say.
package struct OllamaServer: ModelServer {
    package let address: String
    private let key: String?
    private let limits: ModelServerLimits

    /// - Parameters:
    ///   - address: `http://host:11434`, without a path.
    ///   - key: For a proxy that asks for `Authorization: Bearer …`.
    package init(address: String, key: String? = nil, limits: ModelServerLimits = .init()) {
        self.address = address
        self.key = key
        self.limits = limits
    }

    package func models() async throws -> [String] {
        try ModelServerCall.decode(Tags.self, try await call("/api/tags").get()).models.map(\.name)
    }

    package func complete(
        _ request: ModelRequest,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> ModelCompletion {
        var body: [String: JSONValue] = [
            "model": .string(request.model), "options": .object(request.options), "stream": .bool(true),
        ]
        body["format"] = request.format
        let path: String
        switch request.input {
        case .prompt(let prompt, let system):
            path = "/api/generate"
            body["prompt"] = .string(prompt)
            body["system"] = system.map(JSONValue.string)
        case .messages(let messages):
            path = "/api/chat"
            body["messages"] = .array(messages)
        }
        let reading = Mutex(CompletionReading())
        try await call(path).stream(.object(body)) { bytes in
            guard !bytes.isEmpty else { return }
            let line = try ModelServerCall.decode(Line.self, bytes)
            if let error = line.error { throw ModelServerError.failed(status: 200, message: error) }
            let text = line.response ?? line.message?.content ?? ""
            reading.withLock { $0.add(text, line) }
            if !text.isEmpty { onText(text) }
        }
        return try reading.withLock { try $0.finished() }
    }

    package func embed(_ texts: [String], model: String) async throws -> ModelEmbeddings {
        let body: JSONValue = .object(["model": .string(model), "input": .array(texts.map(JSONValue.string))])
        let answer = try ModelServerCall.decode(Embeddings.self, try await call("/api/embed").post(body))
        guard answer.embeddings.count == texts.count else {
            throw ModelServerError.garbage("\(answer.embeddings.count) vectors for \(texts.count) texts")
        }
        return ModelEmbeddings(vectors: answer.embeddings, tokens: answer.promptEvalCount)
    }

    private func call(_ path: String) -> ModelServerCall {
        ModelServerCall(url: address + path, key: key, limits: limits) { body in
            (try? ModelServerCall.decode(Problem.self, body))?.error
        }
    }
}

extension OllamaServer {
    private struct Tags: Decodable {
        struct Model: Decodable { var name: String }
        var models: [Model]
    }

    private struct Problem: Decodable { var error: String }

    private struct Embeddings: Decodable {
        var embeddings: [[Float]]
        var promptEvalCount: Int?

        enum CodingKeys: String, CodingKey {
            case embeddings
            case promptEvalCount = "prompt_eval_count"
        }
    }

    /// One line of a streamed answer.
    fileprivate struct Line: Decodable {
        struct Message: Decodable { var content: String? }
        var response: String?
        var message: Message?
        var error: String?
        var done: Bool?
        var doneReason: String?
        var promptEvalCount: Int?
        var evalCount: Int?

        enum CodingKeys: String, CodingKey {
            case response, message, error, done
            case doneReason = "done_reason"
            case promptEvalCount = "prompt_eval_count"
            case evalCount = "eval_count"
        }
    }
}

extension CompletionReading {
    fileprivate mutating func add(_ text: String, _ line: OllamaServer.Line) {
        self.text += text
        guard line.done == true else { return }
        isComplete = true
        finishReason = line.doneReason
        promptTokens = line.promptEvalCount
        answerTokens = line.evalCount
    }
}
