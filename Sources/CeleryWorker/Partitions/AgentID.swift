import CeleryProtocol

/// How an agent's id is read from a message.
enum AgentID {
    /// A text that is not empty, or a whole number as Python prints it.
    static func text(_ value: CeleryValue?) -> String? {
        switch value {
        case .string(let text) where !text.isEmpty: text
        case .int(let number): String(number)
        default: nil
        }
    }
}
