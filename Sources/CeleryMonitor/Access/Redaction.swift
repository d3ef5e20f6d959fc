import CeleryProtocol
import OrderedCollections

/// Takes the values of secret arguments out of what is kept and shown, by the arguments' names (`monitor.redact`).
///
/// In texts a value is found behind its name: `'password': 'x'` and `"password": "x"` as in Python's reprs and JSON, at
/// any depth and inside strings too, `password=x`, `Authorization: Bearer x`, `('token', 'x')`, `--password x`, and
/// `scheme://user:password@host`. A text that was cut inside a value loses all from there on. Positional arguments have
/// no names, so nothing protects them.
struct Redaction: Sendable {
    /// What stands where a value was.
    static let mark = "***"

    private let patterns: [NamePattern]

    /// - Parameter patterns: Names, `*` for any characters. None: nothing is taken out.
    init(_ patterns: [String]) { self.patterns = patterns.map(NamePattern.init) }

    func isSecret(_ name: some Sequence<UInt8>) -> Bool {
        let normal = NamePattern.normal(name)
        return patterns.contains { $0.matches(normal) }
    }

    /// The text without secrets; in time proportional to its length, whatever it holds.
    func text(_ text: String) -> String {
        guard !patterns.isEmpty else { return text }
        var scanner = RedactionScanner(Array(text.utf8), self)
        return scanner.run()
    }

    func text(_ text: String?) -> String? { text.map { self.text($0) } }

    /// The value without secrets, in maps and texts at any depth.
    func value(_ value: CeleryValue) -> CeleryValue { patterns.isEmpty ? value : self.value(value, depth: 0) }

    /// Deeper than this nothing is shown.
    private static let maxDepth = 100

    private func value(_ value: CeleryValue, depth: Int) -> CeleryValue {
        guard depth < Self.maxDepth else { return .string(Self.mark) }
        switch value {
        case .string(let text): return .string(self.text(text))
        case .bytes(let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            let shown = self.text(text)
            return shown == text ? value : .bytes(Array(shown.utf8))
        case .array(let items): return .array(items.map { self.value($0, depth: depth + 1) })
        case .map(let map):
            var shown = map
            for (key, item) in map {
                // That there is none is no secret.
                guard item != .null else { continue }
                shown[key] = isSecret(key.utf8) ? .string(Self.mark) : self.value(item, depth: depth + 1)
            }
            return .map(shown)
        default: return value
        }
    }
}
