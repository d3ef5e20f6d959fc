import Yams

/// Reads queues.yaml into Yams nodes that know their lines.
enum YAMLDocument {
    /// The largest file that is read, in bytes.
    static let maxBytes = 1 << 20
    /// Stands before the first of two equal keys, so that Yams reads on and both are reported (see ``SettingsReader``).
    static let duplicatePrefix = "chard-duplicate-key."
    private static let maxDuplicates = 100

    /// The root node; nil for an empty file, or when it can't be read, which is then noted in `context`.
    static func compose(_ text: String, context: SettingsContext) -> Node? {
        guard text.utf8.count <= maxBytes else {
            context.problem("the file is larger than 1 MiB; is it the right one?", key: "", line: nil)
            return nil
        }
        var text = text
        for _ in 0..<maxDuplicates {
            do {
                return try Yams.compose(yaml: text)
            } catch let YamlError.duplicatedKeysInMapping(keys, place) {
                guard let marked = markFirst(in: text, at: place.mark) else {
                    report("duplicate key \(keys.joined(separator: ", "))", line: place.mark.line, context)
                    return nil
                }
                text = marked
            } catch let error as YamlError {
                report(error, context)
                return nil
            } catch {
                report("can't be read: \(error)", line: nil, context)
                return nil
            }
        }
        report("more than \(maxDuplicates) duplicate keys", line: nil, context)
        return nil
    }

    /// Renames the key at that place.
    private static func markFirst(in text: String, at mark: Mark) -> String? {
        var scalars = Array(text.unicodeScalars)
        var line = 1
        var index = 0
        while line < mark.line, index < scalars.count {
            if scalars[index] == "\n" { line += 1 }
            index += 1
        }
        index += mark.column - 1
        guard mark.line > 0, mark.column > 0, index < scalars.count else { return nil }
        let isQuoted = scalars[index] == "\"" || scalars[index] == "'"
        scalars.insert(contentsOf: duplicatePrefix.unicodeScalars, at: isQuoted ? index + 1 : index)
        return String(String.UnicodeScalarView(scalars))
    }

    private static func report(_ error: YamlError, _ context: SettingsContext) {
        switch error {
        case .scanner(let place, let problem, let mark, _), .parser(let place, let problem, let mark, _),
            .composer(let place, let problem, let mark, _):
            let start = place.map { " (\($0.text) that began on line \($0.mark.line))" } ?? ""
            report("not valid YAML: \(problem)\(start)", line: mark.line, context)
        case .reader(let problem, let offset, _, let yaml):
            let line = offset.map { 1 + yaml.prefix($0).count { $0.isNewline } }
            report("not valid YAML: \(problem)", line: line, context)
        default:
            report("not valid YAML", line: nil, context)
        }
    }

    private static func report(_ message: String, line: Int?, _ context: SettingsContext) {
        context.problem(message, key: "", line: line)
    }
}
