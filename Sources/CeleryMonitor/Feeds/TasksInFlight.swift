import CeleryProtocol
import OrderedCollections

/// Remembers tasks between their first event and their last, the newest `capacity` to twice as many of them, so that
/// later events have a name. Not for sharing between threads.
struct TasksInFlight {
    private let capacity: Int
    private var young: [String: TaskInFlight] = [:]
    private var old: [String: TaskInFlight] = [:]

    init(capacity: Int = 50_000) { self.capacity = capacity }

    var count: Int { young.count + old.count }

    /// Takes the event into account. Nil: it is not one of Celery's.
    mutating func named(_ event: CeleryMap) -> NamedEvent? {
        guard let type = event["type"]?.stringValue, type.utf8.count <= 64,
            let hostname = event["hostname"]?.stringValue
        else { return nil }
        var named = NamedEvent(event: event, type: type, hostname: hostname)
        guard type.hasPrefix("task-"), let id = event["uuid"]?.stringValue, id.utf8.count <= 256 else { return named }
        var task = young.removeValue(forKey: id) ?? old.removeValue(forKey: id) ?? TaskInFlight()
        task.observe(type, event)
        named.name = task.name
        named.task = task
        if !Self.last.contains(type) { keep(task, id) }
        return named
    }

    private static let last: Set<String> = ["task-succeeded", "task-failed", "task-revoked", "task-rejected"]

    private mutating func keep(_ task: TaskInFlight, _ id: String) {
        if young.count >= capacity {
            old = young
            young = [:]
        }
        young[id] = task
    }
}

extension TaskInFlight {
    fileprivate mutating func observe(_ type: String, _ event: CeleryMap) {
        if let name = event["name"]?.stringValue, !name.isEmpty { self.name = PrometheusText.bounded(name) }
        let time = event["timestamp"]?.doubleValue
        switch type {
        case "task-received":
            received = time
            started = nil
            isScheduled = event["eta"]?.stringValue != nil
        case "task-started": started = time
        default: break
        }
    }
}
