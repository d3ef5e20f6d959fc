import CeleryProtocol
import Foundation
import OrderedCollections

/// One event of a task, as it came, with what a record takes from it; nil for what is no event of a task.
struct TaskEventReading {
    let id: String
    /// Behind `task-`.
    let subject: String
    /// Seconds since 1970, by the sender's clock; ours where that can't be.
    let timestamp: Double
    let hostname: String?
    var fields: CeleryMap

    var type: String { "task-\(subject)" }
    var isSent: Bool { subject == "sent" }

    /// `celery/events/state.py` TASK_EVENT_TO_STATE; any other event is a state of its own.
    var state: String { Self.states[subject] ?? subject.uppercased() }

    private static let states = [
        "sent": "PENDING", "received": "RECEIVED", "started": "STARTED", "failed": "FAILURE", "retried": "RETRY",
        "succeeded": "SUCCESS", "revoked": "REVOKED", "rejected": "REJECTED",
    ]

    /// - Parameter now: By this machine's clock.
    init?(_ event: CeleryMap, now: Double) {
        guard let type = event["type"]?.stringValue, type.hasPrefix("task-"), type.utf8.count <= 64,
            let id = event["uuid"]?.stringValue, !id.isEmpty, id.utf8.count <= 255
        else { return nil }
        self.id = id
        subject = String(type.dropFirst("task-".count))
        timestamp = Self.time(event["timestamp"], now: now)
        hostname = event["hostname"]?.stringValue.map { Self.cut($0, to: 255) }
        fields = event
    }

    func text(_ key: String, to limit: Int = 255) -> String? {
        guard let value = fields[key], !value.isNull else { return nil }
        return Self.cut(value.stringValue ?? PythonRepr.repr(value), to: limit)
    }

    func integer(_ key: String) -> Int? { fields[key]?.intValue }

    func seconds(_ key: String) -> Double? {
        guard let value = fields[key]?.doubleValue, value.isFinite, value >= 0, value < 1e10 else { return nil }
        return value
    }

    /// A clock that is a day ahead is wrong; what it says would stand above everything for ever.
    static func time(_ value: CeleryValue?, now: Double) -> Double {
        guard let time = value?.doubleValue, time.isFinite, time > 0, time < now + 86_400 else { return now }
        return time
    }

    /// Cut between two characters, with a mark, and without the NUL that would end it for SQLite.
    static func cut(_ text: String, to limit: Int) -> String {
        let text = text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: max(0, limit - 3))
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return text[..<end] + "…"
    }
}
