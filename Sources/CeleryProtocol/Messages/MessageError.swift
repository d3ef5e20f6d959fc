/// A message that is no task that could be run, with what could be read of it, so that its sender can be told.
public struct MessageError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Its properties or body can't be decoded. Celery acknowledges and drops it (`on_decode_error`).
        case undecodable
        /// Its content type is not in `accept_content`. Celery rejects it (`on_invalid_task`).
        case contentDisallowed
        /// It is a task, but not one that can be run: a bad ETA, arguments that are no list and map, no id. Celery
        /// rejects it (`on_invalid_task`).
        case invalid
        /// It is no task at all. Celery rejects it (`on_unknown_message`).
        case unknownMessage
    }

    public let kind: Kind
    /// What is wrong, in one line.
    public let reason: String
    public internal(set) var id: String?
    public internal(set) var task: String?
    public internal(set) var rootID: String?
    public internal(set) var parentID: String?
    public internal(set) var group: String?
    public internal(set) var replyTo: String?
    public internal(set) var correlationID: String?
    public internal(set) var contentType: String?
    public internal(set) var contentEncoding: String?
    /// The first KiB of the body as Python's `repr` prints bytes, and its length.
    public internal(set) var bodyDump = ""

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var description: String {
        let name = task.map { " \($0)[\(id ?? "?")]" } ?? ""
        return "can't run message\(name): \(reason)"
    }

    /// What Celery's worker logs about such a message (`celery/worker/consumer/consumer.py`).
    public var logText: String {
        switch kind {
        case .undecodable:
            """
            Can't decode message body: \(reason) [type:\(Self.quoted(contentType)) \
            encoding:\(Self.quoted(contentEncoding)) task:\(Self.quoted(task)) id:\(Self.quoted(id))]

            body: \(bodyDump)
            """
        case .contentDisallowed, .invalid:
            """
            Received invalid task message: \(reason)
            The message will not be run.

            Please ensure your message conforms to the task
            message protocol as described here:
            https://docs.celeryq.dev/en/latest/internals/protocol.html

            The full contents of the message body was:
            \(bodyDump)
            """
        case .unknownMessage:
            """
            Received unknown message.  Wrong destination?!?

            The full contents of the message body was: body: \(bodyDump)
            {content_type:\(Self.quoted(contentType)) content_encoding:\(Self.quoted(contentEncoding))}
            """
        }
    }

    private static func quoted(_ text: String?) -> String {
        text.map { "'\($0)'" } ?? "None"
    }

    /// `b'…' (12b)`: at most 1,024 bytes of `range`, escaped as in Python.
    static func dump(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        var text = "b'"
        for byte in bytes[range].prefix(1024) {
            switch byte {
            case UInt8(ascii: "\\"): text += "\\\\"
            case UInt8(ascii: "'"): text += "\\'"
            case 0x0a: text += "\\n"
            case 0x0d: text += "\\r"
            case 0x09: text += "\\t"
            case 0x20...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                text += byte < 16 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return "\(text)'\(range.count > 1024 ? "..." : "") (\(range.count)b)"
    }
}
