/// A place where two sources disagree, or something is not as it should be; shown, and never resolved by guessing.
struct Finding: Sendable, Hashable {
    enum Severity: Int, Sendable, Comparable {
        case note, warning, critical

        static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    var severity: Severity
    /// One line: what is wrong.
    var text: String
    /// What to do.
    var advice: String
    /// Where to look, below the prefix.
    var link: String?
}
