import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// What actions on one worker share: who it is, and what it answers.
struct WorkerCommand: Sendable {
    let worker: String

    /// How long a worker may take to answer.
    private static let patience = Duration.seconds(3)

    init(_ form: ActionForm) throws(PageError) { worker = try form.text("worker") }

    /// - Throws: `PageError.badRequest` unless the worker's name was typed.
    init(confirmed form: ActionForm) throws(PageError) {
        try self.init(form)
        guard form.value("confirm") == worker else {
            throw .badRequest("Type the worker's name, \(worker), to confirm.")
        }
    }

    var options: ControlClient.Options { .init(to: [worker], timeout: Self.patience) }

    /// The worker's own words, when it did what it was asked.
    ///
    /// - Throws: `PageError` when it refused or did not answer.
    func outcome(_ replies: [ControlClient.Reply], _ monitor: Monitor) async throws -> String {
        guard let reply = replies.first(where: { $0.node == worker }) else {
            throw PageError.unavailable("\(worker) did not answer within 3 seconds; it may do it later.")
        }
        if let error = reply.value["error"] {
            throw PageError.badRequest("\(worker) refused: \(FactGroup.text(error))")
        }
        // What was known of it is old now.
        _ = try? await monitor.inspector.report(worker, age: 0)
        monitor.changes.announce(.workers)
        return "\(worker): \(reply.value["ok"].map(FactGroup.text) ?? "done")."
    }
}
