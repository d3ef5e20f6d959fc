/// The arguments of a message do not fit the parameters of its task.
///
/// The text is that of Python's `TypeError` for the same call (CPython, `Python/ceval.c`), so that a Python client
/// reads what it would read from a Python worker.
public struct ArgumentError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// Parameters without a value.
        case missing([String])
        /// More positional arguments than parameters; the first `required` of those have to be given.
        case tooMany(given: Int, required: Int, parameters: Int)
        case unexpected(String)
        /// One parameter, given by position and by keyword.
        case multiple(String)
        /// A value of the wrong type, or one that its type refuses. The path begins with the parameter's name.
        case invalid(path: String, reason: String)
    }

    /// The name of the function as it stands in the text.
    public let function: String
    public let reason: Reason

    public init(function: String, reason: Reason) {
        self.function = function
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .missing(let names):
            let plural = names.count == 1 ? "" : "s"
            return "\(function)() missing \(names.count) required positional argument\(plural): \(Self.list(names))"
        case .tooMany(let given, let required, let parameters):
            let range = required == parameters ? "\(parameters)" : "from \(required) to \(parameters)"
            let plural = required == parameters && parameters == 1 ? "" : "s"
            return "\(function)() takes \(range) positional argument\(plural) but \(given) "
                + (given == 1 ? "was given" : "were given")
        case .unexpected(let name):
            return "\(function)() got an unexpected keyword argument '\(name)'"
        case .multiple(let name):
            return "\(function)() got multiple values for argument '\(name)'"
        case .invalid(let path, let reason):
            return path.isEmpty ? "\(function)() arguments: \(reason)" : "\(function)() argument '\(path)': \(reason)"
        }
    }

    /// `'x'`, `'x' and 'y'`, `'x', 'y', and 'z'`.
    private static func list(_ names: [String]) -> String {
        let quoted = names.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        let comma = quoted.count > 2 ? "," : ""
        return quoted.dropLast().joined(separator: ", ") + comma + " and " + last
    }
}
