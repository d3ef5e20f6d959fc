import OrderedCollections

/// Writes events as JSON, keys in the order in which Python's worker has them: `hostname, utcoffset, pid, clock`, the
/// fields, `timestamp, type` (`celery/events/dispatcher.py` `_prepare_event`, `celery/events/event.py` `Event`).
public struct EventFormat: Sendable {
    private let prefix: [UInt8]

    /// - Parameters:
    ///   - hostname: The node name of the sender.
    ///   - utcoffset: Hours that local time lies **west** of UTC: -2 in Helsinki's winter (`celery/utils/time.py`).
    ///   - pid: The process id of the sender.
    public init(hostname: String, utcoffset: Double, pid: Int) {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "{\"hostname\": ".utf8)
        JSONWriter.append(hostname, to: &bytes)
        bytes.append(contentsOf: ", \"utcoffset\": ".utf8)
        JSONWriter.append(utcoffset, to: &bytes)
        bytes.append(contentsOf: ", \"pid\": ".utf8)
        JSONWriter.append(pid, to: &bytes)
        bytes.append(contentsOf: ", \"clock\": ".utf8)
        prefix = bytes
    }

    /// Appends a task event.
    ///
    /// - Parameters:
    ///   - clock: The sender's logical clock.
    ///   - now: Microseconds since 1970, UTC.
    public func write(_ event: TaskEvent, id: String, clock: Int, now: Int64, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: prefix)
        JSONWriter.append(clock, to: &bytes)
        bytes.append(contentsOf: Self.uuidKey)
        JSONWriter.append(id, to: &bytes)
        event.writeFields(into: &bytes)
        end(event.type, now, &bytes)
    }

    /// Appends an event of any type.
    public func write(_ type: String, fields: CeleryMap, clock: Int, now: Int64, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: prefix)
        JSONWriter.append(clock, to: &bytes)
        for (name, value) in fields where !Self.ownKeys.contains(name) {
            JSONWriter.separate(&bytes)
            JSONWriter.append(name, to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            JSONWriter.write(value, into: &bytes)
        }
        end(type, now, &bytes)
    }

    private static let uuidKey = Array(", \"uuid\": ".utf8)
    private static let timestampKey = Array(", \"timestamp\": ".utf8)
    private static let typeKey = Array(", \"type\": ".utf8)
    /// No custom field may take the place of these.
    private static let ownKeys: Set<String> = ["hostname", "utcoffset", "pid", "clock", "timestamp", "type"]

    private func end(_ type: String, _ now: Int64, _ bytes: inout [UInt8]) {
        bytes.append(contentsOf: Self.timestampKey)
        JSONWriter.append(Int(now / 1_000_000), to: &bytes)
        bytes.append(ASCII.dot)
        DateStamp.append(Int(now % 1_000_000), digits: 6, to: &bytes)
        bytes.append(contentsOf: Self.typeKey)
        JSONWriter.append(type, to: &bytes)
        bytes.append(ASCII.closeBrace)
    }
}
