/// What kinds of state Redis holds, and how their keys are spelled (DESIGN §7).
///
/// A key is also the channel on which changes of its value are announced. All that is done to a key is one command or a
/// script of that key alone, so that each runs on the node of a cluster that owns it.
package enum StateKind: String, Sendable, Hashable, CaseIterable {
    case agent, session, model, metric

    /// What stands before and after the name in the key.
    private var frame: (prefix: String, suffix: String) {
        switch self {
        case .agent: ("agent:", ":state")
        case .session: ("session:", ":data")
        case .model: ("model:", ":weights")
        case .metric: ("metrics:", "")
        }
    }

    /// The key's name of a metric is `{service}:{metric_name}`; see ``Metrics``.
    ///
    /// - Throws: `StateError.badName`.
    package func key(_ name: String) throws(StateError) -> String {
        if let reason = Self.problem(with: name) { throw .badName(self, name: name, reason: reason) }
        return frame.prefix + name + frame.suffix
    }

    /// The name in a key; nil if the key is of another kind.
    package func name(inKey key: String) -> String? {
        guard key.hasPrefix(frame.prefix), key.hasSuffix(frame.suffix),
            key.utf8.count > frame.prefix.utf8.count + frame.suffix.utf8.count
        else { return nil }
        return String(key.dropFirst(frame.prefix.count).dropLast(frame.suffix.count))
    }

    /// All keys of the kind, as a pattern of Redis (`SCAN … MATCH`, `PSUBSCRIBE`).
    package var pattern: String { frame.prefix + "*" + frame.suffix }

    private static let maxNameBytes = 512

    /// Braces would choose a cluster's slot, and are most likely a template that nobody filled in.
    private static func problem(with name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > maxNameBytes { return "it is longer than \(maxNameBytes) bytes" }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it holds a control character" }
        if name.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
            return "it holds a brace"
        }
        return nil
    }
}
