import Foundation

/// A task that is not Swift: a command or an HTTP endpoint (`tasks:` in queues.yaml).
public struct ExternalTaskSettings: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Program and arguments.
        case command([String], environment: [String: String], directory: String?)
        case http(HTTPEndpoint)
    }

    public var kind: Kind
    /// Bytes of the largest output or answer.
    public var maxOutput = 16 << 20

    public init(_ kind: Kind) { self.kind = kind }

    private typealias Keys = ConfigKeys.ExternalTask

    /// Nil when the section says nothing of the kind, or says it wrongly.
    init?(reading reader: SettingsReader, task: TaskSettings) {
        let hasCommand = reader.names.contains(Keys.command.name)
        let hasURL = reader.has(Keys.http)
        guard hasCommand || hasURL else {
            Self.checkCompanions(reader)
            return nil
        }
        let key = hasCommand ? Keys.command : Keys.http
        if hasCommand, hasURL { reader.problem("a task is either a command or an http endpoint; drop one", Keys.http) }
        if !task.pattern.isExact { reader.problem("needs the whole name of a task, not a pattern", key) }
        if task.pool == .processes {
            reader.problem("is never run in the process pool; drop pool", key)
        }
        let kind = hasCommand ? Self.command(reader) : HTTPEndpoint(reading: reader).map(Kind.http)
        maxOutput = reader.size(Keys.maxOutput, in: 1024...(256 << 20)) ?? 16 << 20
        guard let kind else { return nil }
        self.kind = kind
    }

    /// `env` and its like mean nothing without what they belong to.
    private static func checkCompanions(_ reader: SettingsReader) {
        for key in Keys.all where reader.names.contains(key.name) {
            reader.problem("belongs to a task with command: or http:, and this one has neither", key)
        }
    }

    private static func command(_ reader: SettingsReader) -> Kind? {
        guard let words = reader.values(Keys.command)?.map(\.text), let program = words.first, !program.isEmpty else {
            reader.problem("must be a list of a program and its arguments, e.g. [python3, render.py]", Keys.command)
            return nil
        }
        return .command(
            words,
            environment: texts(reader, Keys.environment).mapValues(\.text),
            directory: reader.text(Keys.directory)?.text
        )
    }

    /// The values of a map of texts.
    static func texts(_ reader: SettingsReader, _ key: ConfigKey) -> [String: SettingsReader.Value] {
        let section = reader.section(key, known: nil)
        var texts: [String: SettingsReader.Value] = [:]
        for name in section.names {
            // Not to be overridden by environment variables of their own.
            texts[name] = section.value(ConfigKey(name, "", isScalar: false))
        }
        return texts
    }
}
