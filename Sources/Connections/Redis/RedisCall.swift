/// Commands of one call of `RedisClient`, and who waits for their replies.
struct RedisCall: Sendable {
    /// For error texts: the command's name, or how many there are.
    let name: String
    let bytes: [UInt8]
    let replies: Int
    let waiter: RedisWaiter
}
