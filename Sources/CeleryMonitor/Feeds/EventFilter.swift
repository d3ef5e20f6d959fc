import CeleryProtocol
import OrderedCollections

/// Which events somebody wants to read; an empty set: all of them.
struct EventFilter: Sendable, Hashable {
    /// `task-failed`, or `task-*`.
    var types: [String] = []
    /// Of tasks, with `*` for any characters.
    var names: [String] = []
    /// Celery's states: FAILURE, …
    var states: Set<String> = []
    var workers: [String] = []

    private static let stateOfType = [
        "task-sent": "PENDING", "task-received": "RECEIVED", "task-started": "STARTED", "task-succeeded": "SUCCESS",
        "task-failed": "FAILURE", "task-retried": "RETRY", "task-revoked": "REVOKED", "task-rejected": "REJECTED",
    ]

    static func state(_ type: String) -> String? { stateOfType[type] }

    func takes(_ event: NamedEvent) -> Bool {
        Self.matches(event.type, types)
            && (names.isEmpty || event.name.map { Self.matches($0, names) } ?? false)
            && (states.isEmpty || Self.state(event.type).map(states.contains) ?? false)
            && Self.matches(event.hostname, workers)
    }

    private static func matches(_ text: String, _ patterns: [String]) -> Bool {
        patterns.isEmpty || patterns.contains { matches(Array(text.utf8), Array($0.utf8)) }
    }

    /// `*` stands for any characters. Linear: it goes back to the last star only.
    private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var (at, next) = (0, 0)
        var back: (text: Int, pattern: Int)?
        while at < text.count {
            if next < pattern.count, pattern[next] == star {
                back = (at, next)
                next += 1
            } else if next < pattern.count, pattern[next] == text[at] {
                at += 1
                next += 1
            } else if let last = back {
                back = (last.text + 1, last.pattern)
                at = last.text + 1
                next = last.pattern + 1
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == star }
    }
}
