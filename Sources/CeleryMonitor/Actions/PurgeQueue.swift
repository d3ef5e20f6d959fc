/// Drops what waits in a queue.
struct PurgeQueue: Action {
    static let name = "queue-purge"

    let queue: String
    var subject: String { queue }

    /// `confirm` must repeat the queue's name.
    init(_ form: ActionForm) throws(PageError) {
        queue = try form.text("queue")
        guard form.value("confirm") == queue else {
            throw .badRequest("purging \(queue): nothing was done; type the queue's name to confirm")
        }
    }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        guard let count = try await monitor.broker.purge(queue) else {
            throw PageError.notFound("purging \(queue): the broker has no such queue")
        }
        monitor.deadLetters.expire(queue)
        await monitor.broker.look()
        return "\(Format.number(count, "message")) of queue \(queue) dropped."
    }
}
