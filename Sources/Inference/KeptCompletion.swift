import Connections

/// An answer as the cache keeps it.
struct KeptCompletion: Sendable, Codable {
    var completion: ModelCompletion
    var instance: String
    var firstTokenMicroseconds: Int64?
    var upstreamMicroseconds: Int64
    /// Where it was found; not kept.
    var cached: CacheLevel?

    enum CodingKeys: String, CodingKey {
        case completion = "c"
        case instance = "i"
        case firstTokenMicroseconds = "f"
        case upstreamMicroseconds = "u"
    }

    func answer(_ model: String, isShared: Bool) -> InferenceAnswer {
        InferenceAnswer(
            model: model,
            completion: completion,
            instance: instance,
            cached: cached,
            isShared: isShared,
            firstToken: cached == nil ? firstTokenMicroseconds.map { .microseconds($0) } : nil,
            upstream: .microseconds(upstreamMicroseconds)
        )
    }
}
