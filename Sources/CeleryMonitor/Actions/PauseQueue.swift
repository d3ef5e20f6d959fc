import CeleryProtocol
import CeleryWorker
import Foundation

/// Takes a queue from all workers that consume it, and remembers who they were.
struct PauseQueue: Action {
    static let name = "queue-pause"

    let queue: String
    var subject: String { queue }

    init(_ form: ActionForm) throws(PageError) { queue = try form.text("queue") }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let known = monitor.broker.paused.all[queue]
        let consuming = try await QueueConsumers.of(queue, monitor)
        guard !consuming.isEmpty || known == nil else {
            guard try await monitor.broker.status(queue) != nil else {
                throw PageError.notFound("pausing \(queue): the broker has no such queue")
            }
            try await monitor.broker.paused.set(
                PausedQueue(queue: queue, since: Date().timeIntervalSince1970, who: identity.name, consumers: [])
            )
            await monitor.broker.look()
            return "Queue \(queue) is paused; no worker consumed it."
        }
        // Kept before they are asked: what is known is what can be given back, whatever happens next.
        let earlier = (known?.consumers ?? []).filter { old in !consuming.contains { $0.worker == old.worker } }
        try await monitor.broker.paused.set(
            PausedQueue(
                queue: queue,
                since: known?.since ?? Date().timeIntervalSince1970,
                who: known?.who ?? identity.name,
                consumers: earlier + consuming
            )
        )
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
}

/// Gives a paused queue back to exactly those workers that it was taken from.
struct ResumeQueue: Action {
    static let name = "queue-resume"

    let queue: String
    var subject: String { queue }

    init(_ form: ActionForm) throws(PageError) { queue = try form.text("queue") }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        await monitor.broker.paused.refresh()
        guard let paused = monitor.broker.paused.all[queue] else {
            throw PageError.badRequest("resuming \(queue): it is not paused")
        }
        var answered: Set<String> = []
        // Workers may have declared it differently: those that did so alike are asked together.
        for (form, consumers) in Dictionary(grouping: paused.consumers, by: \.form) {
            let answers = try await monitor.celery.control.addConsumer(
                queue,
                exchange: form.exchange,
                exchangeType: form.exchangeType ?? "direct",
                routingKey: form.routingKey,
                .init(to: consumers.map(\.worker), timeout: Inspector.patience)
            )
            answered.formUnion(answers.filter { $0.value["error"] == nil }.map(\.node))
        }
        try await monitor.broker.paused.remove(queue)
        monitor.inspector.expire()
        await monitor.broker.look()
        let gone = paused.consumers.map(\.worker).filter { !answered.contains($0) }.sorted()
        let text = "Queue \(queue) is resumed at \(Format.number(answered.count, "worker"))"
        return gone.isEmpty ? "\(text)." : "\(text); \(gone.joined(separator: ", ")) did not answer and may be gone."
    }
}

extension PausedQueue.Consumer {
    /// What `add_consumer` is to be told.
    struct Form: Hashable {
        var exchange: String?
        var exchangeType: String?
        var routingKey: String?
    }

    var form: Form { Form(exchange: exchange, exchangeType: exchangeType, routingKey: routingKey) }
}

/// Who consumes a queue, by their own word.
enum QueueConsumers {
    /// Asks all workers, now.
    static func of(_ queue: String, _ monitor: Monitor) async throws -> [PausedQueue.Consumer] {
        let answers = try await monitor.celery.inspect(timeout: Inspector.patience).activeQueues()
        return answers.compactMap { worker, value in
            guard let found = value.arrayValue?.first(where: { $0["name"]?.stringValue == queue }) else { return nil }
            return PausedQueue.Consumer(
                worker: worker,
                exchange: found["exchange"]?["name"]?.stringValue,
                exchangeType: found["exchange"]?["type"]?.stringValue,
                routingKey: found["routing_key"]?.stringValue
            )
        }.sorted { $0.worker < $1.worker }
    }
}
