import Synchronization

/// A server that speaks OpenAI's API (https://platform.openai.com/docs/api-reference), such as vLLM or llama.cpp's.
///
/// Options have Ollama's names; those that OpenAI calls otherwise are renamed, others are passed on as they are.
package struct OpenAIServer: ModelServer {
    package let address: String
    private let key: String?
    private let limits: ModelServerLimits

    /// - Parameter address: `http://host:8000/v1`; the version belongs to it.
    package init(address: String, key: String? = nil, limits: ModelServerLimits = .init()) {
        self.address = address
        self.key = key
        self.limits = limits
    }

    package func models() async throws -> [String] {
        try ModelServerCall.decode(Models.self, try await call("/models").get()).data.map(\.id)
    }

    package func complete(
        _ request: ModelRequest,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> ModelCompletion {
        var body: [String: JSONValue] = [
            "model": .string(request.model), "stream": .bool(true),
            "stream_options": .object(["include_usage": .bool(true)]),
        ]
        for (name, value) in request.options { body[Self.renamed[name] ?? name] = value }
        body["response_format"] = request.format.map(Self.responseFormat)
        let path: String
        switch request.input {
        case .prompt(let prompt, nil):
            path = "/completions"
            body["prompt"] = .string(prompt)
        case .prompt(let prompt, let system?):
            path = "/chat/completions"
            body["messages"] = .array([Self.message("system", system), Self.message("user", prompt)])
        case .messages(let messages):
            path = "/chat/completions"
            body["messages"] = .array(messages)
        }
        let reading = Mutex(CompletionReading())
        try await call(path).stream(.object(body)) { line in
            guard let event = try Self.event(line) else { return }
            let text = reading.withLock { $0.add(event) }
            if !text.isEmpty { onText(text) }
        }
        return try reading.withLock { try $0.finished() }
    }

    package func embed(_ texts: [String], model: String) async throws -> ModelEmbeddings {
        let body: JSONValue = .object([
            "model": .string(model), "input": .array(texts.map(JSONValue.string)), "encoding_format": .string("float"),
        ])
        let answer = try ModelServerCall.decode(Embeddings.self, try await call("/embeddings").post(body))
        let vectors = answer.data.sorted { $0.index < $1.index }
        guard vectors.map(\.index) == Array(texts.indices) else {
            throw ModelServerError.garbage("\(vectors.count) vectors for \(texts.count) texts")
        }
        return ModelEmbeddings(vectors: vectors.map(\.embedding), tokens: answer.usage?.promptTokens)
    }

    private static let renamed = ["num_predict": "max_tokens", "repeat_penalty": "repetition_penalty"]

    private static func message(_ role: String, _ content: String) -> JSONValue {
        .object(["role": .string(role), "content": .string(content)])
    }

    private static func responseFormat(_ format: JSONValue) -> JSONValue {
        guard case .object = format else { return .object(["type": .string("json_object")]) }
        let schema: JSONValue = .object(["name": .string("answer"), "schema": format])
        return .object(["type": .string("json_schema"), "json_schema": schema])
    }

    private func call(_ path: String) -> ModelServerCall {
        ModelServerCall(url: address + path, key: key, limits: limits) { body in
            (try? ModelServerCall.decode(Problem.self, body))?.error.message
        }
    }
}
