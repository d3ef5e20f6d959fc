/// The batches that have been appended and not yet answered, in order.
struct RedisBatchQueue {
    /// Who sent a batch.
    enum Purpose {
        case owner
        /// The connection, to see whether the server lives.
        case ping
        /// The connection, because the server has forgotten its scripts.
        case scripts
    }

    struct Batch {
        let token: UInt64
        let replies: Int
        /// Its place in the output stream.
        let start: Int
        let end: Int
        let wantValues: Bool
        let purpose: Purpose
    }

    private var batches = FIFO<Batch>()
    /// Replies still owed, over all batches.
    private(set) var unanswered = 0

    var first: Batch? { batches.first }
    var isEmpty: Bool { batches.isEmpty }

    mutating func append(_ batch: Batch) {
        batches.append(batch)
        unanswered += batch.replies
    }

    /// One reply of the first batch came.
    mutating func countReply() { unanswered -= 1 }

    mutating func removeFirst() { _ = batches.popFirst() }

    /// Takes all batches out.
    mutating func takeAll() -> [Batch] {
        unanswered = 0
        return batches.takeAll()
    }
}
