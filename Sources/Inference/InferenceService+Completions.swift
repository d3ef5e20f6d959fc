import Connections
import Foundation
import Synchronization

extension InferenceService {
    /// The answer to a prompt or a conversation.
    ///
    /// - Parameters:
    ///   - usesCache: False: it is generated for this request alone, and not kept.
    ///   - onProgress: Told how far it is after every piece of text, in order; must not block. Not called for an answer
    ///     that was kept.
    package func complete(
        _ request: ModelRequest,
        usesCache: Bool = true,
        onProgress: Listener? = nil
    ) async throws -> InferenceAnswer {
        try check(request)
        let parts = try started()
        count(.requests)
        guard usesCache else {
            return try await generate(request, onProgress ?? { _ in }).answer(request.model, isShared: false)
        }
        let key = try CacheKey.completion(request)
        if let kept = Self.decode(parts.cache.local(key), .local) {
            count(.localHits)
            return kept.answer(request.model, isShared: false)
        }
        let found = try await parts.completions.value(for: key, listener: onProgress) { report in
            if let kept = Self.decode(await parts.cache.shared([key])[0], .redis) { return kept }
            let made = try await self.generate(request, report)
            if let bytes = try? JSONEncoder().encode(made) { await parts.cache.store([(key, Array(bytes))]) }
            return made
        }
        if found.value.cached == .redis { count(.redisHits) } else if found.isShared { count(.joined) }
        return found.value.answer(request.model, isShared: found.isShared)
    }

    private func generate(_ request: ModelRequest, _ report: @escaping Listener) async throws -> KeptCompletion {
        let begin = MonotonicTime.now
        return try await onSomeInstance(request.model) { server, attempt in
            let address = server.address
            let progress = Mutex(
                (news: InferenceProgress(text: "", tokens: 0, instance: address, attempt: attempt), first: Int64?.none)
            )
            let attemptBegin = MonotonicTime.now
            let completion = try await server.complete(request) { text in
                let news = progress.withLock { progress in
                    if progress.first == nil { progress.first = MonotonicTime.now.nanoseconds(since: begin) }
                    progress.news.text += text
                    progress.news.tokens += 1
                    return progress.news
                }
                report(news)
            }
            return KeptCompletion(
                completion: completion,
                instance: address,
                firstTokenMicroseconds: progress.withLock { $0.first.map { $0 / 1000 } },
                upstreamMicroseconds: MonotonicTime.now.nanoseconds(since: attemptBegin) / 1000
            )
        }
    }

    private func check(_ request: ModelRequest) throws {
        try check(model: request.model)
        try ModelOptions.check(request.options)
        try Self.check(format: request.format)
        let size: Int
        switch request.input {
        case .prompt(let prompt, let system):
            guard !prompt.isEmpty else { throw InferenceError.invalid("prompt must not be empty") }
            size = prompt.utf8.count + (system?.utf8.count ?? 0)
        case .messages(let messages):
            try ChatMessages.check(messages)
            size = try Self.size(of: .array(messages), "messages")
        }
        guard size <= configuration.maxPrompt else {
            throw InferenceError.invalid(
                "the prompt has \(size) bytes, more than the \(configuration.maxPrompt) that max_prompt allows"
            )
        }
    }

    private static func check(format: JSONValue?) throws {
        switch format {
        case nil, .string("json")?: return
        case .object?: _ = try size(of: format ?? .null, "format")
        default: throw InferenceError.invalid("format must be \"json\" or a JSON schema")
        }
    }

    /// Bytes of JSON text, which has no word for what is not finite.
    private static func size(of value: JSONValue, _ name: String) throws -> Int {
        do {
            return try value.sortedBytes().count
        } catch {
            throw InferenceError.invalid("\(name) must hold finite numbers only")
        }
    }

    private static func decode(_ bytes: [UInt8]?, _ level: CacheLevel) -> KeptCompletion? {
        guard let bytes, var kept = try? JSONDecoder().decode(KeptCompletion.self, from: Data(bytes)) else {
            return nil
        }
        kept.cached = level
        return kept
    }
}
