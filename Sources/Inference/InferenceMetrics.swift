/// What this process has counted since it began.
package struct InferenceMetrics: Sendable, Hashable {
    /// Generations, chats and texts to embed that were asked for.
    package var requests = 0
    package var localHits = 0
    package var redisHits = 0
    /// Requests that shared the call of an equal one.
    package var joined = 0
    /// Calls to instances, and those that failed.
    package var upstreamCalls = 0
    package var upstreamErrors = 0
    /// Requests that went to another instance after one had failed.
    package var moved = 0
    /// Calls that embedded texts, and how many texts.
    package var batches = 0
    package var batchedTexts = 0

    package init() {}

    /// The share of requests that a cache answered; nil before the first.
    package var hitRatio: Double? {
        requests == 0 ? nil : Double(localHits + redisHits) / Double(requests)
    }
}
