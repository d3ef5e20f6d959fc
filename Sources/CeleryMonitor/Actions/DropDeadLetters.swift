/// Drops dead letters: one, a group, or all of a queue.
struct DropDeadLetters: Action {
    static let name = "dead-drop"

    let queue: String
    let selection: DeadOrder.Selection
    var subject: String { queue }
    var details: String { selection.text }

    /// `confirm` must repeat the queue's name.
    init(_ form: ActionForm) throws(PageError) {
        queue = try form.text("queue")
        selection = .init(form)
        guard form.value("confirm") == queue else {
            throw .badRequest("dropping messages of \(queue): nothing was done; type the queue's name to confirm")
        }
    }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let order = DeadOrder(queue: queue, selection: selection, deed: .drop, who: identity.name)
        return try await monitor.deadLetters.start(order).outcome()
    }
}
