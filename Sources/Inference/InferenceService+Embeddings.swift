import Connections

extension InferenceService {
    /// The vectors of texts, in their order.
    package func embed(model: String, texts: [String]) async throws -> [[Float]] {
        try await embeddings(of: texts, model: model).vectors
    }

    /// The vectors of texts, in their order, and where they came from.
    ///
    /// Each text is looked up for itself; those that no cache knows are sent with other requests' texts.
    ///
    /// - Parameter usesCache: False: they are computed anew, and not kept.
    package func embeddings(
        of texts: [String],
        model: String,
        usesCache: Bool = true
    ) async throws -> EmbeddingAnswer {
        try check(model: model)
        try check(texts)
        let parts = try started()
        count(.requests, texts.count)
        var answer = EmbeddingAnswer(model: model, vectors: Array(repeating: [], count: texts.count), hits: 0)
        var missing = Array(texts.indices)
        let keys = usesCache ? texts.map { CacheKey.embedding($0, model: model) } : []
        if usesCache {
            missing = missing.filter { !Self.take(parts.cache.local(keys[$0]), $0, &answer) }
            let localHits = answer.hits
            let found = await parts.cache.shared(missing.map { keys[$0] })
            missing = zip(missing, found).filter { !Self.take($1, $0, &answer) }.map(\.0)
            let redisHits = answer.hits - localHits
            count(.localHits, localHits)
            count(.redisHits, redisHits)
            answer.cached = missing.isEmpty ? (redisHits > 0 ? .redis : .local) : nil
        }
        let made = try await vectors(
            of: missing.map { texts[$0] },
            keys: usesCache ? missing.map { keys[$0] } : nil,
            model
        )
        for (index, vector) in zip(missing, made) { answer.vectors[index] = vector.values }
        answer.instance = made.first?.instance
        return answer
    }

    /// Has texts embedded, and kept under their keys.
    private func vectors(
        of texts: [String],
        keys: [String]?,
        _ model: String
    ) async throws -> [EmbeddingBatcher.Vector] {
        guard !texts.isEmpty else { return [] }
        let (parts, batcher) = (try started(), batcher(model))
        let made = try await withThrowingTaskGroup(of: (Int, EmbeddingBatcher.Vector, Bool).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask {
                    guard let keys else { return (index, try await batcher.vector(of: text), true) }
                    let found = try await parts.vectors.value(for: keys[index]) { _ in
                        try await batcher.vector(of: text)
                    }
                    return (index, found.value, found.isShared)
                }
            }
            return try await group.reduce(into: [Int: (EmbeddingBatcher.Vector, Bool)]()) { $0[$1.0] = ($1.1, $1.2) }
        }
        if let keys {
            let own = made.filter { !$1.1 }
            count(.joined, made.count - own.count)
            await parts.cache.store(own.map { (keys[$0], VectorBytes.encode($1.0.values)) })
        }
        return texts.indices.compactMap { made[$0]?.0 }
    }

    /// One call to an instance.
    func embedNow(_ texts: [String], model: String) async throws -> [EmbeddingBatcher.Vector] {
        count(.batches)
        count(.batchedTexts, texts.count)
        return try await onSomeInstance(model) { server, _ in
            let vectors = try await server.embed(texts, model: model).vectors
            guard vectors.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isFinite) }) else {
                throw ModelServerError.garbage("a vector is empty, or not of finite numbers")
            }
            return vectors.map { EmbeddingBatcher.Vector(values: $0, instance: server.address) }
        }
    }

    private func check(_ texts: [String]) throws {
        guard !texts.isEmpty else { throw InferenceError.invalid("texts must not be empty") }
        guard texts.count <= configuration.maxTexts else {
            throw InferenceError.invalid(
                "\(texts.count) texts are more than the \(configuration.maxTexts) that max_texts allows"
            )
        }
        for (number, text) in texts.enumerated() {
            guard !text.isEmpty else { throw InferenceError.invalid("texts[\(number)] must not be empty") }
            guard text.utf8.count <= configuration.maxPrompt else {
                throw InferenceError.invalid(
                    "texts[\(number)] has \(text.utf8.count) bytes, more than the \(configuration.maxPrompt) that "
                        + "max_prompt allows"
                )
            }
        }
    }

    private static func take(_ bytes: [UInt8]?, _ index: Int, _ answer: inout EmbeddingAnswer) -> Bool {
        guard let bytes, let vector = VectorBytes.decode(bytes) else { return false }
        answer.vectors[index] = vector
        answer.hits += 1
        return true
    }
}
