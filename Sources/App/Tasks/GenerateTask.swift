import CeleryWorker
import Connections

/// `ai.inference.generate(model, prompt, system=None, options=None, format=None, progress=True, cache=True)` has a model
/// continue a prompt.
///
/// `format` is "json" or a JSON schema. While it runs its state is PROGRESS with `{"text", "tokens", "instance",
/// "attempt"}`, the text so far. It returns ``CompletionResult`` with `text`. Python sees ValueError for an unknown
/// model, a prompt that is too large and wrong options; it is retried while no instance can serve the model.
struct GenerateTask: CompletionTask {
    typealias Output = CompletionResult

    static let name = "ai.inference.generate"
    static let isChat = false

    var model: String
    var prompt: String
    var system: String?
    var options: JSONValue?
    var format: JSONValue?
    var progress: Bool?
    var cache: Bool?

    func request(options: [String: JSONValue]) -> ModelRequest {
        ModelRequest(model: model, input: .prompt(prompt, system: system), options: options, format: format)
    }
}
