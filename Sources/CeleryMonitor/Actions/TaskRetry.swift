import CeleryWorker

/// Sends a task once more, with the arguments it had.
struct TaskRetry: Action {
    static let name = "task-retry"

    private let id: String

    init(_ form: ActionForm) throws(PageError) { id = try form.text("id") }

    var subject: String { id }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let repetition = try await TaskRepetition.find(id, monitor)
        let new = try await repetition.send(monitor)
        return "\(repetition.name) was sent again as \(new)."
    }
}
