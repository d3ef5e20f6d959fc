/// How long a model server may take, and how much it may say.
package struct ModelServerLimits: Sendable, Hashable {
    /// The longest time without a byte of an answer, the wait for the first one included. Default 5 s.
    package var silence: Duration = .seconds(5)
    /// For one call in all. Default 5 min.
    package var total: Duration = .seconds(300)
    /// The largest answer in bytes. Default 64 MiB.
    package var maxBytes = 64 * 1_048_576
    /// The longest line of a streamed answer in bytes. Default 1 MiB.
    package var maxLine = 1_048_576

    package init() {}
}
