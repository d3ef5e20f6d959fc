import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// The answers about results (`flower/api/tasks.py`).
enum TaskAnswer {
    /// Id and state; without a result backend the id alone.
    static func sent(_ result: AsyncResult<CeleryValue>) async throws -> CeleryMap {
        var answer: CeleryMap = ["task-id": .string(result.id)]
        do {
            answer["state"] = .string(try await result.state().rawValue)
        } catch CeleryError.noResultBackend {
            return answer
        }
        return answer
    }

    /// `result`, and for a failure `traceback`; an exception is shown as Python's `repr`.
    static func add(_ meta: ResultMeta, to answer: inout CeleryMap) {
        answer["result"] = meta.exception.map { .string($0.pythonRepr) } ?? meta.result
        if meta.status == .failure { answer["traceback"] = meta.traceback.map(CeleryValue.string) ?? .null }
    }

    static func unavailable(_ error: any Error) -> APIError {
        if case CeleryError.noResultBackend = error { return .unavailable("no result backend is configured") }
        return .unavailable("asking the result backend: \(error)")
    }

    /// Seconds, from 0 to `TaskPosting.maxWait`.
    static func wait(_ seconds: Double) -> Duration { .seconds(min(max(seconds, 0), TaskPosting.maxWait)) }
}
