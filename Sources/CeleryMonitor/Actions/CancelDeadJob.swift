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
