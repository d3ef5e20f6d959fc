import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// What the result store keeps of a task, beside what its events told.
struct StoredResult: Sendable {
    var storedState: String?
    var storedClass: String
    var storedText: String?
    var storedTraceback: String?
    var storedDone: String?
    var storedGroup: String?
    var storedNote: String?
    /// Where the two disagree.
    var notes: [TaskDetailPage.Note] = []

    private static let longest = 8000

    init(_ task: TaskRecord, _ meta: ResultMeta?, _ problem: String?, _ redaction: Redaction) {
        storedClass = "other"
        guard let meta else {
            storedNote =
                problem
                ?? (task.isEnded
                    ? "Nothing is stored: the task ignores its result, or it has expired." : "Nothing is stored yet.")
            return
        }
        let state = meta.status.rawValue
        (storedState, storedClass) = (Format.short(state, 40), Format.stateClass(state))
        let shown = redaction.value(meta.result)
        storedText =
            meta.exception.map { _ in ExceptionRecord(shown)?.pythonRepr ?? "" }
            ?? PythonRepr.repr(shown, maxLength: Self.longest)
        storedText = storedText.map { Format.short($0, Self.longest) }
        storedTraceback = meta.traceback.map { Format.short(redaction.text($0), Self.longest) }
        storedDone = meta.dateDone.map { Format.short($0, 40) }
        storedGroup = meta.groupID.map { Format.short($0, 100) }
        if let text = Self.disagreement(task, state) {
            notes.append(TaskDetailPage.Note(noteKind: "warning", noteText: text))
        }
    }

    /// States that both keep, when they are different ones.
    private static func disagreement(_ task: TaskRecord, _ stored: String) -> String? {
        let ended: Set = ["SUCCESS", "FAILURE", "REVOKED"]
        guard stored != task.state else { return nil }
        if ended.contains(stored), ended.contains(task.state) {
            return "Events say \(task.state), the result store says \(stored): it may have run twice, or was changed."
        }
        if ended.contains(stored) {
            return
                "The result store says \(stored), but no event has told that it ended: events were lost, or are late."
        }
        if ended.contains(task.state), stored != "ABORTED" {
            return "Events say \(task.state), the result store still says \(stored)."
        }
        return nil
    }
}
