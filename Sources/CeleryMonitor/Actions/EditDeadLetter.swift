/// Requeues one dead letter with other headers and another body.
struct EditDeadLetter: Action {
    static let name = "dead-edit"

    let queue: String
    let key: String
    private let headers: String
    private let body: String
    var subject: String { queue }
    var details: String { "message \(key), edited" }

    init(_ form: ActionForm) throws(PageError) {
        queue = try form.text("queue")
        key = try form.text("key")
        headers = try form.text("headers")
        body = try form.text("body")
    }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        guard let message = try await monitor.deadLetters.message(key, in: queue) else {
            throw PageError.notFound("requeueing an edited message: it is no longer in \(queue)")
        }
        if let objection = DeadEdit.objection(to: message) {
            throw PageError.badRequest("requeueing an edited message: \(objection)")
        }
        let edit = try DeadEdit(headers: headers, body: body, of: message)
        let order = DeadOrder(queue: queue, selection: .one(key), deed: .requeue(edit), who: identity.name)
        return try await monitor.deadLetters.start(order).outcome()
    }
}
