import CeleryProtocol
import CeleryWorker

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
