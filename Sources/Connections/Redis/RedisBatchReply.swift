/// What became of one batch of commands.
package struct RedisBatchReply: Sendable {
    package enum Outcome: Sendable, Hashable {
        /// All replies are there (some may be errors).
        case answered
        /// The connection broke first. `written` tells whether any byte of the batch had left: if not, the server has
        /// certainly not seen it.
        case lost(written: Bool)
    }

    /// What the owner gave to `append`.
    package let token: UInt64
    package let outcome: Outcome
    /// The first error among the replies (also inside arrays, as EXEC returns them).
    package var firstError: RedisServerError?
    /// How many of the replies were, or held, an error.
    package var errorCount = 0
    /// How many of the replies were null, e.g. a `SET … NX` that found something.
    package var nullCount = 0
    /// The replies in order, if the batch wanted them; else empty.
    package var values: [RedisValue] = []
}
