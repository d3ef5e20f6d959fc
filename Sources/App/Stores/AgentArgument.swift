import CeleryWorker
import Foundation

/// The argument `agent_id` of tasks.
enum AgentArgument {
    /// nil when it was not given.
    ///
    /// - Throws: `ExceptionRecord`: a Python `ValueError`.
    static func id(_ text: String?) throws -> UUID? {
        guard let text else { return nil }
        guard let agent = UUID(uuidString: text) else {
            throw ExceptionRecord.valueError("agent_id must be a UUID, not \"\(text.prefix(60))\"")
        }
        return agent
    }
}
