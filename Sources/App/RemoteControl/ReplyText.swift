import CeleryWorker
import OrderedCollections

/// Answers of workers as `celery inspect` and `celery control` print them (`celery/bin/base.py`, `CLIContext.pretty`).
enum ReplyText {
    /// `->  node: OK`, and below it what the node said.
    static func chat(_ node: String, _ value: CeleryValue, showsReply: Bool) -> String {
        let (status, text) = pretty(value)
        let title = "->  \(node): \(status)"
        guard showsReply else { return title }
        let body = indented(text)
        return body.isEmpty ? title : "\(title)\n\(body)"
    }

    static func pretty(_ value: CeleryValue) -> (status: String, text: String) {
        switch value {
        case .array(let elements):
            guard !elements.isEmpty else { return ("OK", "- empty -") }
            return ("OK", elements.map { "* \(PythonRepr.str($0))" }.joined(separator: "\n"))
        case .map(let map):
            if let ok = map["ok"] { return ("OK", indented(pretty(ok).text)) }
            if let error = map["error"] { return ("ERROR", indented(pretty(error).text)) }
            return ("OK", json(value))
        case .string(let text): return ("OK", text)
        default: return ("OK", PythonRepr.full(value))
        }
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n")
    }

    /// Python's `json.dumps(value, sort_keys=True, indent=4)`.
    static func json(_ value: CeleryValue, indent: Int = 0) -> String {
        let inner = String(repeating: " ", count: indent + 4)
        let outer = String(repeating: " ", count: indent)
        switch value {
        case .map(let map) where !map.isEmpty:
            let lines = map.sorted { $0.key < $1.key }.map { key, value in
                "\(inner)\(plain(.string(key))): \(json(value, indent: indent + 4))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { "\(inner)\(json($0, indent: indent + 4))" }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        default: return plain(value)
        }
    }

    /// On one line, as kombu writes it.
    static func plain(_ value: CeleryValue) -> String { String(decoding: JSONWriter.bytes(value), as: UTF8.self) }
}
