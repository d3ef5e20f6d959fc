/// What all readers of one load share: the layers above the file, and what was found to be wrong.
package final class SettingsContext {
    /// The file as problems name it.
    let file: String
    let environment: [String: String]
    /// Values by setting path, each with the option that gave it; they win over the environment.
    let overrides: [String: (text: String, option: String)]
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [String] = []
    /// Environment variables that mean something in this load.
    private(set) var knownVariables: Set<String> = [ConfigKeys.fileVariable]

    init(file: String, environment: [String: String], overrides: [String: (text: String, option: String)]) {
        self.file = file
        self.environment = environment
        self.overrides = overrides
    }

    func problem(_ message: String, key: String, line: Int?, source: String? = nil) {
        let problem = ConfigurationProblem(source: source ?? file, line: line, key: key, message: message)
        if !problems.contains(problem) { problems.append(problem) }
    }

    package func warning(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }

    /// The value of a variable, if it is set and not empty.
    func variable(_ name: String) -> String? {
        knownVariables.insert(name)
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }

    /// Says which `CHARD_…` variables mean nothing, once everything has been read.
    func warnOfUnknownVariables() {
        let foreign = ["CHARD_TEST_", "CHARD_BENCH_", "CHARD_INSTANCE"]
        for name in environment.keys.sorted() where name.hasPrefix("CHARD_") && !knownVariables.contains(name) {
            guard !foreign.contains(where: name.hasPrefix) else { continue }
            let near = Suggestion.nearest(to: name, among: knownVariables.sorted())
            warning("environment variable \(name) is no setting" + (near.map { "; did you mean \($0)?" } ?? ""))
        }
    }

    /// Throws what was found wrong: command line and environment first, then by line.
    func throwProblems() throws(ConfigurationError) {
        guard !problems.isEmpty else { return }
        let order = problems.enumerated().sorted { a, b in
            let (first, second) = (a.element.line ?? 0, b.element.line ?? 0)
            return first == second ? a.offset < b.offset : first < second
        }
        throw ConfigurationError(problems: order.map(\.element))
    }
}
