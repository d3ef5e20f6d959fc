import Connections

/// The messages of a conversation.
enum ChatMessages {
    private static let roles = ["system", "user", "assistant", "tool"]

    /// - Throws: `InferenceError.invalid` unless each has a known role and a text.
    static func check(_ messages: [JSONValue]) throws {
        guard !messages.isEmpty else { throw InferenceError.invalid("messages must not be empty") }
        for (number, message) in messages.enumerated() {
            guard case .object = message else {
                throw InferenceError.invalid("messages[\(number)] must be a map with role and content")
            }
            guard let role = message["role"]?.string, roles.contains(role) else {
                throw InferenceError.invalid("messages[\(number)].role must be \(roles.joined(separator: ", "))")
            }
            guard message["content"]?.string != nil else {
                throw InferenceError.invalid("messages[\(number)].content must be a text")
            }
        }
    }
}
