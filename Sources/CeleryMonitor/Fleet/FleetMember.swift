import CeleryProtocol
import OrderedCollections

/// A worker in the fleet, and when it counts as dead.
struct FleetMember: Sendable {
    var name: String
    /// On this machine's clock, as all times here; seconds since 1970.
    var lastHeard = 0.0
    /// When this monitor could hear it again, after a time when it could hear nobody.
    var expectedSince = 0.0
    var drift = 0.0
    /// Seconds; Celery takes 60 where none is told.
    var frequency = 60.0
    var pid: Int?
    var software: String?
    var active: Int?
    var processed: Int?
    var load: [Double] = []
    var isOffline = false
    var counts = EventCounts()
    private var wasAlive = false

    init(name: String) { self.name = name }

    init(_ entry: WorkerTable.Entry) {
        name = entry.name
        lastHeard = entry.heard
        pid = entry.pid
        software = entry.software
        counts = entry.counts
        // It is not known whether it is there; nobody has listened.
        frequency = 0
    }

    /// Twice the interval of its heartbeats (`celery/events/state.py` HEARTBEAT_EXPIRE_WINDOW).
    func isAlive(at now: Double) -> Bool { !isOffline && now < max(lastHeard, expectedSince) + 2 * frequency }

    func status(at now: Double) -> WorkerStatus {
        WorkerStatus(
            name: name,
            isAlive: isAlive(at: now),
            isOffline: isOffline,
            lastHeard: lastHeard,
            drift: drift,
            frequency: frequency,
            pid: pid,
            software: software,
            active: active,
            processed: processed,
            load: load,
            counts: counts
        )
    }

    var entry: WorkerTable.Entry { .init(name: name, heard: lastHeard, pid: pid, software: software, counts: counts) }

    /// - Returns: What that means for its tasks.
    mutating func hear(_ type: String, _ event: CeleryMap, now: Double, isWorkerEvent: Bool) -> Fleet.Change? {
        let time = TaskEventReading.time(event["timestamp"], now: now)
        let isRestarted = takePid(event)
        lastHeard = now
        if isWorkerEvent { drift = time - now }
        if frequency <= 0 { frequency = 60 }
        guard type != "worker-offline" else {
            defer { (isOffline, wasAlive, active) = (true, false, 0) }
            return isOffline ? nil : .gone
        }
        let wasGone = !wasAlive
        (isOffline, wasAlive) = (false, true)
        if isWorkerEvent { takeHeartbeat(event) }
        if isRestarted { return .restarted(time) }
        if type == "worker-heartbeat", active == 0 { return .idle(time) }
        return wasGone ? .back : nil
    }

    /// Whether it is dead now and was not before.
    mutating func dies(at now: Double) -> Bool {
        guard wasAlive, !isAlive(at: now) else { return false }
        (wasAlive, active) = (false, nil)
        return true
    }

    /// Whether another process has this name now.
    private mutating func takePid(_ event: CeleryMap) -> Bool {
        guard let new = event["pid"]?.intValue, new != pid else { return false }
        defer { pid = new }
        return pid != nil
    }

    private mutating func takeHeartbeat(_ event: CeleryMap) {
        if let seconds = event["freq"]?.doubleValue, seconds > 0, seconds < 86_400 { frequency = seconds }
        active = event["active"]?.intValue.map { max($0, 0) } ?? active
        processed = event["processed"]?.intValue.map { max($0, 0) } ?? processed
        if let numbers = event["loadavg"]?.arrayValue { load = numbers.prefix(3).compactMap(\.doubleValue) }
        let parts = ["sw_ident", "sw_ver", "sw_sys"].compactMap { event[$0]?.stringValue }
        if !parts.isEmpty { software = TaskEventReading.cut(parts.joined(separator: " "), to: 200) }
    }
}
