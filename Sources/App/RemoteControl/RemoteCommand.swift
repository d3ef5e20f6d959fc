import CeleryWorker

/// A remote control command as the command line calls it: its arguments by position, as `celery inspect --list` shows
/// them (`celery/worker/control.py`, `Panel.meta`).
struct RemoteCommand {
    enum Kind: String {
        case inspect
        case control
    }

    /// How the text of an argument becomes a value.
    enum ArgumentType {
        case text
        case integer
        case number
        case flag
    }

    struct Argument {
        var name: String
        var type: ArgumentType
    }

    let kind: Kind
    let name: String
    /// How the arguments are shown; nil when it takes none.
    let signature: String?
    let help: String
    let arguments: [Argument]
    /// The name of the list that takes all further arguments.
    let variadic: String?

    init(
        _ kind: Kind,
        _ name: String,
        _ signature: String? = nil,
        help: String,
        _ arguments: KeyValuePairs<String, ArgumentType> = [:],
        variadic: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.signature = signature
        self.help = help
        self.arguments = arguments.map { Argument(name: $0.key, type: $0.value) }
        self.variadic = variadic
    }

    static func all(_ kind: Kind) -> [RemoteCommand] { all.filter { $0.kind == kind } }

    /// The words of the command line by the names of the parameters.
    ///
    /// - Throws: a usage error when there are too many, or one does not fit.
    func bind(_ words: [String]) throws(RemoteCommandError) -> CeleryMap {
        guard words.count <= arguments.count || variadic != nil else {
            let shown = signature.map { "arguments: \($0)" } ?? "no arguments"
            throw RemoteCommandError("command \(name) takes \(shown)")
        }
        var map: CeleryMap = [:]
        for (argument, word) in zip(arguments, words) { map[argument.name] = try value(of: word, argument) }
        if let variadic { map[variadic] = .array(words.dropFirst(arguments.count).map { .string($0) }) }
        return map
    }

    private func value(of word: String, _ argument: Argument) throws(RemoteCommandError) -> CeleryValue {
        switch argument.type {
        case .text: return .string(word)
        case .integer:
            if let number = Int(word) { return .int(number) }
        case .number:
            if let number = Double(word), number.isFinite { return .double(number) }
        case .flag:
            switch word.lowercased() {
            case "false", "no", "0", "off": return false
            case "true", "yes", "1", "on": return true
            default: break
            }
        }
        let wanted = argument.type == .flag ? "true or false" : "a number"
        throw RemoteCommandError("command \(name): \(argument.name) must be \(wanted), not '\(word)'")
    }
}

/// A command line that a remote control command does not take.
struct RemoteCommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
