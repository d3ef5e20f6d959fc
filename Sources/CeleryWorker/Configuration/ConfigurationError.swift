/// Everything that is wrong with the settings, one problem a line.
///
/// Settings are read to the end before this is thrown, so that one start shows all mistakes. No text holds a password.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In the order in which they stand in the file; those of the environment and the command line come first.
    public let problems: [ConfigurationProblem]

    public init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
