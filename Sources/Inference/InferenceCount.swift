/// What the service counts; the raw values are the names of metrics.
package enum InferenceCount: String, Sendable, Hashable, CaseIterable {
    /// Generations, chats and texts to embed that were asked for.
    case requests
    /// Those that a cache answered: this process's, or Redis.
    case localHits = "local_hits"
    case redisHits = "redis_hits"
    /// Those that shared the call of an equal one.
    case joined
    /// Calls to instances, and those that failed.
    case upstreamCalls = "upstream_calls"
    case upstreamErrors = "upstream_errors"
    /// Calls that went to another instance after one had failed.
    case moved
    /// Calls that embed texts, and how many texts.
    case batches
    case batchedTexts = "batched_texts"
}
