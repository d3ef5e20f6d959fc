/// Sends dead letters back to the queue that they come from: one, a group, or all of a queue.
struct RequeueDeadLetters: Action {
    static let name = "dead-requeue"

    let queue: String
    let selection: DeadOrder.Selection
    /// Messages per second.
    let rate: Double?
    var subject: String { queue }
    var details: String { selection.text + (rate.map { ", \(Format.rate($0))" } ?? "") }

    init(_ form: ActionForm) throws(PageError) {
        queue = try form.text("queue")
        selection = .init(form)
        guard let text = form.value("rate") else {
            rate = nil
            return
        }
        guard let number = Double(text), (0.01...100_000).contains(number) else {
            throw .badRequest("the rate must be a number of messages per second, from 0.01 to 100000")
        }
        rate = number
    }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let order = DeadOrder(queue: queue, selection: selection, deed: .requeue(nil), rate: rate, who: identity.name)
        return try await monitor.deadLetters.start(order).outcome()
    }
}
