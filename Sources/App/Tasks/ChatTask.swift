import CeleryWorker
import Connections
import Inference

/// `ai.inference.chat(model, messages, options=None, format=None, progress=True, cache=True)` has a model answer a
/// conversation.
///
/// Each message is a map with `role` (system, user, assistant, tool) and `content`. For the rest see ``GenerateTask``.
/// It returns ``CompletionResult`` with `message`.
struct ChatTask: CompletionTask {
    typealias Output = CompletionResult

    static let name = "ai.inference.chat"
    static let isChat = true

    var model: String
    var messages: JSONValue
    var options: JSONValue?
    var format: JSONValue?
    var progress: Bool?
    var cache: Bool?

    func request(options: [String: JSONValue]) throws -> ModelRequest {
        guard case .array(let messages) = messages else {
            throw InferenceError.invalid("messages must be a list of maps with role and content")
        }
        return ModelRequest(model: model, input: .messages(messages), options: options, format: format)
    }
}
