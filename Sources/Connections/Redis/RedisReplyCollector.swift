import CHiredis

/// Gathers the replies of one batch. Costs nothing but a count as long as they are plain and unwanted.
struct RedisReplyCollector {
    private(set) var count = 0
    private(set) var errorCount = 0
    private(set) var nullCount = 0
    private(set) var firstError: RedisServerError?
    private(set) var values: [RedisValue] = []

    mutating func add(_ reply: UnsafePointer<redisReply>, of batch: RedisBatchQueue.Batch) {
        count += 1
        let type = reply.pointee.type
        if type == REDIS_REPLY_NIL { nullCount += 1 }
        let mayFail = type == REDIS_REPLY_ERROR || type == REDIS_REPLY_ARRAY
        guard mayFail || batch.wantValues else { return }
        let value = RedisValue(reply)
        if mayFail, let error = value.firstError {
            errorCount += 1
            firstError = firstError ?? error
        }
        guard batch.wantValues else { return }
        // A batch may claim any number of replies; the room is taken as they come.
        if values.isEmpty { values.reserveCapacity(min(batch.replies, 1_024)) }
        values.append(value)
    }

    func reply(to batch: RedisBatchQueue.Batch) -> RedisBatchReply {
        RedisBatchReply(
            token: batch.token,
            outcome: .answered,
            firstError: firstError,
            errorCount: errorCount,
            nullCount: nullCount,
            values: values
        )
    }
}
