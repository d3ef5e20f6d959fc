/// What a subscription is for: a channel, or all channels whose names match a pattern (redis.io, `PSUBSCRIBE`).
package struct RedisTopic: Sendable, Hashable {
    let name: [UInt8]
    let isPattern: Bool

    var subscribeCommand: RedisCommand { RedisCommand(isPattern ? "PSUBSCRIBE" : "SUBSCRIBE", name) }
    var unsubscribeCommand: RedisCommand { RedisCommand(isPattern ? "PUNSUBSCRIBE" : "UNSUBSCRIBE", name) }
}
