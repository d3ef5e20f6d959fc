import Yams

/// Reads one section of the settings, key by key, through all layers: command line, then environment, then the file.
///
/// A reader never throws: it notes what is wrong in its context and answers nil or the default, so that reading goes
/// on.
package struct SettingsReader {
    /// A value as text, and where it was found.
    package struct Value {
        package var text: String
        package var source: String
        package var line: Int?
        /// Whether it stands in the file rather than in a layer above it.
        package var isFromFile: Bool
    }

    package let context: SettingsContext
    /// The path of the section, e.g. `queues.inference`; empty for the whole file.
    package let path: String
    let line: Int?
    /// In the order of the file.
    private let order: [String]
    private let nodes: [String: (node: Node, line: Int?)]

    /// `known` nil: any key may stand here (names of queues, of tasks).
    init(_ node: Node?, path: String, line: Int?, known: [ConfigKey]?, context: SettingsContext) {
        self.context = context
        self.path = path
        self.line = line
        var order: [String] = []
        var nodes: [String: (node: Node, line: Int?)] = [:]
        for (name, value, line) in Self.pairs(of: node, path: path, line: line, context: context) {
            if nodes[name] == nil { order.append(name) }
            nodes[name] = (value, line)
        }
        self.order = order
        self.nodes = nodes
        guard let known else { return }
        for name in order where !known.contains(where: { $0.name == name }) {
            let hint = Suggestion.text(for: name, among: known.map(\.name))
            context.problem("unknown key; \(hint)", key: Self.join(path, name), line: nodes[name]?.line)
        }
    }

    /// Names in the order of the file.
    package var names: [String] { order }

    package func path(of key: ConfigKey) -> String { Self.join(path, key.name) }

    package func line(of name: String) -> Int? { nodes[name]?.line ?? line }

    /// Whether the file or a layer above it gives the key a value.
    package func has(_ key: ConfigKey) -> Bool { nodes[key.name].map { !$0.node.isNull } ?? false || upper(key) != nil }

    /// The section below that key; empty when it is missing.
    package func section(_ key: ConfigKey, known: [ConfigKey]?) -> SettingsReader {
        section(named: key.name, known: known)
    }

    package func section(named name: String, known: [ConfigKey]?) -> SettingsReader {
        SettingsReader(
            nodes[name]?.node,
            path: Self.join(path, name),
            line: nodes[name]?.line ?? line,
            known: known,
            context: context
        )
    }

    /// The value of a scalar, or nil when no layer gives one. An explicit null has the text `none`.
    package func value(_ key: ConfigKey) -> Value? {
        if let upper = upper(key) { return upper }
        guard let (node, line) = nodes[key.name] else { return nil }
        guard let scalar = node.scalar else {
            problem("must be a single value, not a \(node.mapping != nil ? "map" : "list")", key)
            return nil
        }
        return Value(
            text: node.isNull ? "none" : scalar.string,
            source: context.file,
            line: scalar.mark?.line ?? line,
            isFromFile: true
        )
    }

    /// What the file says under the key, unread.
    func node(_ key: ConfigKey) -> (node: Node, line: Int?)? { nodes[key.name] }

    /// The values of a list, each with its place. A single value counts as a list of one; layers above the file
    /// separate theirs by `separator`.
    package func values(_ key: ConfigKey, separator: Character = ",") -> [Value]? {
        if let upper = upper(key) {
            return upper.text.split(separator: separator).map { piece in
                var value = upper
                value.text = piece.trimmed
                return value
            }
        }
        guard let (node, line) = nodes[key.name], !node.isNull else { return nil }
        guard let sequence = node.sequence else { return value(key).map { [$0] } }
        var values: [Value] = []
        for item in sequence {
            guard let scalar = item.scalar, !item.isNull else {
                problem("every item must be a single value", key, line: item.mark?.line ?? line)
                continue
            }
            values.append(
                Value(text: scalar.string, source: context.file, line: scalar.mark?.line ?? line, isFromFile: true)
            )
        }
        return values
    }

    /// Notes a problem with the key, at its own line unless told otherwise.
    package func problem(_ message: String, _ key: ConfigKey, line: Int? = nil) {
        context.problem(message, key: path(of: key), line: line ?? nodes[key.name]?.line ?? self.line)
    }

    /// Notes a problem with a value, wherever it came from.
    package func problem(_ message: String, _ key: ConfigKey, at value: Value) {
        let name = value.isFromFile ? path(of: key) : ""
        context.problem(message, key: name, line: value.line, source: value.source)
    }

    /// What the command line or the environment says, which goes before the file.
    func value(ofLayersAbove key: ConfigKey) -> Value? { upper(key) }

    private func upper(_ key: ConfigKey) -> Value? {
        guard key.isScalar else { return nil }
        let path = path(of: key)
        let variable = key.environment ?? ConfigKeys.environmentName(of: path)
        let text = context.variable(variable)
        if let (text, option) = context.overrides[path] {
            return Value(text: text, source: option, line: nil, isFromFile: false)
        }
        return text.map { Value(text: $0, source: variable, line: nil, isFromFile: false) }
    }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// The pairs of a map, those of its `<<` first. Yams has merged nothing and renamed the first of two equal keys.
    private static func pairs(
        of node: Node?,
        path: String,
        line: Int?,
        context: SettingsContext,
        depth: Int = 0
    ) -> [(name: String, node: Node, line: Int?)] {
        guard let node, !node.isNull else { return [] }
        guard let mapping = node.mapping else {
            context.problem("must be a map of settings", key: path, line: node.mark?.line ?? line)
            return []
        }
        var merged: [(name: String, node: Node, line: Int?)] = []
        var own: [(name: String, node: Node, line: Int?)] = []
        for (key, value) in mapping {
            let keyLine = key.mark?.line ?? line
            guard let name = key.scalar?.string, !name.isEmpty else {
                context.problem("a key must be a word", key: path, line: keyLine)
                continue
            }
            if name == "<<", depth < 8 {
                for source in value.sequence.map(Array.init) ?? [value] {
                    merged += pairs(of: source, path: path, line: keyLine, context: context, depth: depth + 1)
                }
            } else if name.hasPrefix(YAMLDocument.duplicatePrefix) {
                let original = String(name.dropFirst(YAMLDocument.duplicatePrefix.count))
                let second = mapping.first { $0.key.scalar?.string == original }?.key.mark?.line
                context.problem(
                    "duplicate key; it is already set on line \(keyLine ?? 0)",
                    key: join(path, original),
                    line: second
                )
            } else {
                own.append((name, value, keyLine))
            }
        }
        return merged + own
    }
}

extension Node {
    /// A plain `null`, `~` or nothing.
    var isNull: Bool {
        guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
