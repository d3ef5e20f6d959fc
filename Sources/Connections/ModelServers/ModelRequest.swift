/// What a model is asked to answer.
package struct ModelRequest: Sendable, Hashable {
    package enum Input: Sendable, Hashable {
        case prompt(String, system: String?)
        /// Objects with `role` and `content`, as both APIs have them.
        case messages([JSONValue])
    }

    package var model: String
    package var input: Input
    /// By Ollama's names (`num_predict`, `temperature`, …).
    package var options: [String: JSONValue]
    /// `"json"`, or a JSON schema that the answer must follow; nil for free text.
    package var format: JSONValue?

    package init(model: String, input: Input, options: [String: JSONValue] = [:], format: JSONValue? = nil) {
        self.model = model
        self.input = input
        self.options = options
        self.format = format
    }
}
