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

/// Ends a requeue or a drop after what is under way.
struct CancelDeadJob: Action {
    static let name = "dead-cancel"

    let job: Int
    var subject: String { "job \(job)" }

    init(_ form: ActionForm) throws(PageError) { job = try form.integer("job", in: 1...1_000_000_000) }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        guard monitor.deadLetters.cancel(job) else {
            throw PageError.badRequest("cancelling: that job has ended already, or began before the monitor's restart")
        }
        return "It ends after the messages that are under way; the others stay where they are."
    }
}

extension DeadOrder.Selection {
    /// `key` names one, `group` a group; neither: all.
    init(_ form: ActionForm) {
        if let key = form.value("key") {
            self = .one(key)
        } else if let group = form.value("group") {
            self = .group(group)
        } else {
            self = .all
        }
    }

    /// For the audit log.
    var text: String {
        switch self {
        case .all: "all"
        case .group(let fingerprint): "group \(fingerprint)"
        case .one(let key): "message \(key)"
        }
    }
}

extension DeadJob {
    /// What the person who began it is told.
    func outcome() throws(PageError) -> String {
        let progress = progress
        guard !progress.isRunning else { return "Under way: \(line) The page shows how far it is." }
        if let problem = progress.problem { throw .unavailable("\(line) Nothing is lost. \(problem)") }
        if progress.done == 0, progress.refused > 0 { throw .unavailable(line) }
        if progress.done == 0 { throw .notFound("Nothing was done: no such message is in \(order.queue) now.") }
        return line
    }
}
