import CeleryProtocol
import OrderedCollections

/// Flower's search language (`flower/utils/search.py`): words, `"quoted phrases"`, `name:`, `state:`, `worker:`, `args:`,
/// `kwargs:` and `result:`, AND, OR and parentheses; without regard to case.
indirect enum FlowerSearch: Sendable, Hashable {
    case all
    case term(field: String?, value: String)
    case and([FlowerSearch])
    case or([FlowerSearch])

    /// - Throws: `FlowerSearchError` with Flower's words.
    init(_ text: String) throws(FlowerSearchError) {
        var parser = FlowerSearchParser(tokens: try FlowerSearchToken.tokens(of: text))
        self = try parser.parse()
    }

    func matches(_ task: TaskRecord) -> Bool {
        switch self {
        case .all: true
        case .and(let parts): parts.allSatisfy { $0.matches(task) }
        case .or(let parts): parts.contains { $0.matches(task) }
        case .term(let field, let value): Self.matches(task, field, value.lowercased())
        }
    }

    private static func matches(_ task: TaskRecord, _ field: String?, _ value: String) -> Bool {
        func has(_ text: String?) -> Bool { text?.lowercased().contains(value) ?? false }
        switch field {
        case "state": return task.state.lowercased() == value
        case "name": return has(task.name)
        case "worker": return has(task.worker)
        case "args": return has(task.args)
        case "kwargs":
            guard let equal = value.firstIndex(of: "=") else { return has(task.kwargs) }
            let key = value[..<equal].trimmingWhitespace
            return hasArgument(task.kwargs, key, value[value.index(after: equal)...].trimmingWhitespace)
        case "result": return has(task.result)
        default:
            return [task.id, task.name, task.state, task.worker, task.args, task.kwargs, task.result].contains(
                where: has
            )
        }
    }

    /// In the text that the workers send, which is Python's `repr` of a dictionary.
    private static func hasArgument(_ kwargs: String?, _ key: String, _ value: String) -> Bool {
        guard let kwargs = kwargs?.lowercased() else { return false }
        return ["'\(key)': \(value)", "'\(key)': '\(value)'"].contains { pair in
            kwargs.ranges(of: pair).contains { range in
                kwargs[range.upperBound...].first.map { $0 == "," || $0 == "}" } ?? false
            }
        }
    }
}

/// Why a search can't be read.
struct FlowerSearchError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ message: String, at position: Int? = nil) {
        description = position.map { "\(message) at position \($0)." } ?? "\(message)."
    }
}

extension StringProtocol {
    var trimmingWhitespace: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
