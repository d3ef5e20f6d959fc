import CeleryWorker

/// Takes a queue from all workers that consume it, and remembers who they were.
struct PauseQueue: Action {
    static let name = "queue-pause"

    let queue: String
    var subject: String { queue }

    init(_ form: ActionForm) throws(PageError) { queue = try form.text("queue") }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let known = monitor.broker.paused.all[queue]
        let consuming = try await QueueConsumers.of(queue, monitor)
        guard !consuming.isEmpty else {
            guard try await monitor.broker.status(queue) != nil else {
                throw PageError.notFound("pausing \(queue): the broker has no such queue")
            }
            if known == nil { try await remember([], known, identity, monitor) }
            await monitor.broker.look()
            return "Queue \(queue) is paused; no worker consumed it."
        }
        // Kept before they are asked: what is known is what can be given back, whatever happens next.
        let earlier = (known?.consumers ?? []).filter { old in !consuming.contains { $0.worker == old.worker } }
        try await remember(earlier + consuming, known, identity, monitor)
        let answers = try await monitor.celery.control.cancelConsumer(
            queue,
            .init(to: consuming.map(\.worker), timeout: Inspector.patience)
        )
        monitor.inspector.expire()
        await monitor.broker.look()
        let silent = Set(consuming.map(\.worker)).subtracting(answers.map(\.node)).sorted()
        guard silent.isEmpty else {
            throw PageError.unavailable(
                "Queue \(queue) is paused, but \(silent.joined(separator: ", ")) did not answer; pause it again to repeat that."
            )
        }
        return "Queue \(queue) is paused at \(Format.number(consuming.count, "worker"))."
    }

    private func remember(
        _ consumers: [PausedQueue.Consumer],
        _ known: PausedQueue?,
        _ identity: Identity,
        _ monitor: Monitor
    ) async throws {
        let since = known?.since ?? Format.now
        let who = known?.who ?? identity.name
        try await monitor.broker.paused.set(PausedQueue(queue: queue, since: since, who: who, consumers: consumers))
    }
}
