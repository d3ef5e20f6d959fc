import CeleryWorker
import Inference
import TenantStore

/// An error after which the same call may succeed without anybody changing it.
protocol RetriableError: Error {
    var isRetriable: Bool { get }
}

extension TenantError: RetriableError {}
extension VectorError: RetriableError {}
extension InferenceError: RetriableError {}

extension TaskContext {
    /// Runs a body that asks servers. What may succeed later becomes a retry by the policy of the task's queue; everything
    /// else is the task's failure.
    func attempt<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as any RetriableError where error.isRetriable {
            throw retry(cause: error)
        }
    }
}
