/// A task name, or a pattern of names as Celery's `task_routes` understands it (`celery/app/routes.py` MapRoute).
///
/// A text without `*` is a plain name. With one it is a pattern of Python's `fnmatch`: `*` any run of characters, `?`
/// one character, `[abc]`, `[a-z]`, `[!abc]` one of a set; it must match the whole name and case counts.
public struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Part: Sendable, Hashable {
        case run
        case any
        case scalar(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    public let text: String
    private let parts: [Part]

    public init(_ text: String) {
        self.text = text
        let scalars = Array(text.unicodeScalars)
        parts = scalars.contains("*") ? Self.parse(scalars) : scalars.map { .scalar($0) }
    }

    /// A pattern even without `*`, as Python's `fnmatch` takes every text.
    init(fnmatch text: String) {
        self.text = text
        parts = Self.parse(Array(text.unicodeScalars))
    }

    public var description: String { text }

    /// Whether this is a plain name.
    public var isExact: Bool { !text.unicodeScalars.contains("*") }

    /// Linear in the name but for patterns with several `*`, where it is at worst the product of both lengths.
    public func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        var part = 0
        var index = 0
        var resume: (part: Int, index: Int)?
        while index < scalars.count {
            if part < parts.count, parts[part] == .run {
                resume = (part, index)
                part += 1
            } else if part < parts.count, Self.matches(parts[part], scalars[index]) {
                part += 1
                index += 1
            } else if let last = resume {
                resume = (last.part, last.index + 1)
                part = last.part + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .run }
    }

    /// Whether every name that `other` matches is matched by this pattern as well. Says no when in doubt.
    func covers(_ other: GlobPattern) -> Bool {
        guard parts.allSatisfy({ if case .set = $0 { false } else { $0 != .any } }) else { return self == other }
        return matches(other.text)
    }

    private static func matches(_ part: Part, _ scalar: Unicode.Scalar) -> Bool {
        switch part {
        case .run: false
        case .any: true
        case .scalar(let own): own == scalar
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
        }
    }

    private static func parse(_ scalars: [Unicode.Scalar]) -> [Part] {
        var parts: [Part] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*":
                if parts.last != .run { parts.append(.run) }
            case "?": parts.append(.any)
            case "[":
                if let (set, end) = set(scalars, from: index) {
                    parts.append(set)
                    index = end
                } else {
                    parts.append(.scalar(scalar))
                }
            default: parts.append(.scalar(scalar))
            }
        }
        return parts
    }

    /// The set that starts after `[`, and where it ends; nil when there is no `]`, which makes `[` a plain character.
    private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Part, Int)? {
        var index = start
        let negated = index < scalars.count && scalars[index] == "!"
        if negated { index += 1 }
        let first = index
        if index < scalars.count, scalars[index] == "]" { index += 1 }
        guard index <= scalars.count, let close = scalars[index...].firstIndex(of: "]") else { return nil }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var at = first
        while at < close {
            if at + 2 < close, scalars[at + 1] == "-" {
                if scalars[at] <= scalars[at + 2] { ranges.append(scalars[at]...scalars[at + 2]) }
                at += 3
            } else {
                ranges.append(scalars[at]...scalars[at])
                at += 1
            }
        }
        return (.set(ranges, negated: negated), close + 1)
    }
}
