import CeleryProtocol
import CeleryWorker

/// Asks workers (`inspect`) when somebody looks, and remembers the answers for a moment.
final class Inspector: Sendable {
    private let celery: Celery

    init(celery: Celery) { self.celery = celery }

    /// What the worker says now; an answer of the last `age` seconds is taken instead.
    func report(_ worker: String, age: Double) async throws -> WorkerReport { WorkerReport(asked: 0) }

    /// The newest answers of all that have been asked; asks nobody.
    var known: [String: WorkerReport] { [:] }

    /// Asks all workers at once, unless that was done in the last `age` seconds.
    func survey(age: Double) async throws -> [String: WorkerReport] { [:] }
}
