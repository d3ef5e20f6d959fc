/// Dead letters of a queue as they were a moment ago.
struct DeadSnapshot: Sendable {
    var queue: String
    /// Seconds since 1970.
    var time: Double
    /// From the head of the queue on.
    var letters: [DeadMessage]
    /// How many lie behind those that were read.
    var unread: Int

    /// What is read at most.
    static let maxCount = 1000
    static let maxBytes = 16 << 20
}
