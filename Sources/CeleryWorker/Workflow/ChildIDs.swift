import CeleryProtocol
import Connections

/// Ids for the tasks that a run causes: the same ones each time the run is repeated.
///
/// A worker may die after it has published what follows and before its message is acknowledged; the copy of the message
/// then publishes the same ids again, so that whoever runs them can tell that they are the same tasks.
struct ChildIDs {
    private let seed: String
    private var count = 0

    init(of message: TaskMessage) {
        seed = "\(message.id).\(message.retries).\(message.task).\(message.replacedTaskNesting)"
    }

    /// For the errbacks of a task that has failed. They are apart from what its success causes: a task that failed may
    /// succeed when it is repeated.
    init(ofErrbacks id: String, retries: Int = 0) { seed = "errbacks.\(id).\(retries)" }

    /// For what a chord's completion causes, whichever of its parts comes last.
    init(ofChord group: String) { seed = "chord.\(group)" }

    /// A UUID of version 5 in form (RFC 9562 §5.5).
    mutating func next() -> String {
        count += 1
        var digits = Array(SHA1.hex(of: Array("\(seed).\(count)".utf8)).utf8.prefix(32))
        digits[12] = UInt8(ascii: "5")
        digits[16] = Array("89ab".utf8)[Int(digits[16]) & 3]
        let text = String(decoding: digits, as: UTF8.self)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
