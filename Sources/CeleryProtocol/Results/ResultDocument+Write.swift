import OrderedCollections

extension ResultDocument {
    /// Appends the document. `now` is in microseconds since 1970 and is written for ready states only.
    public func write(into bytes: inout [UInt8], now: Int64, stamp: inout DateStamp) {
        writeHead(into: &bytes)
        if status.isReady {
            bytes.append(ASCII.quote)
            stamp.append(microsecondsSince1970: now, to: &bytes)
            bytes.append(ASCII.quote)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        // Python leaves out what is false, an empty text too.
        if let groupID, !groupID.isEmpty { append(", \"group_id\": ", groupID, to: &bytes) }
        if let parentID, !parentID.isEmpty { append(", \"parent_id\": ", parentID, to: &bytes) }
        if let extended { write(extended, into: &bytes) }
        bytes.append(contentsOf: Self.taskIDKey)
        JSONWriter.append(taskID, to: &bytes)
        bytes.append(ASCII.closeBrace)
    }

    /// The document as bytes of its own.
    public func bytes(now: Int64, stamp: inout DateStamp) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + result.count)
        write(into: &bytes, now: now, stamp: &stamp)
        return bytes
    }

    // Arrays are appended faster than the views of literals.
    private static let successHead = Array("{\"status\": \"SUCCESS\", \"result\": ".utf8)
    private static let nothingSpecial = Array(", \"traceback\": null, \"children\": [], \"date_done\": ".utf8)
    private static let taskIDKey = Array(", \"task_id\": ".utf8)

    /// Everything up to the value of `date_done`.
    private func writeHead(into bytes: inout [UInt8]) {
        if case .success = status {
            bytes.append(contentsOf: Self.successHead)
        } else {
            bytes.append(contentsOf: "{\"status\": ".utf8)
            JSONWriter.append(status.rawValue, to: &bytes)
            bytes.append(contentsOf: ", \"result\": ".utf8)
        }
        bytes.append(contentsOf: result)
        if traceback == nil, let children, children.isEmpty {
            bytes.append(contentsOf: Self.nothingSpecial)
            return
        }
        append(", \"traceback\": ", traceback, to: &bytes)
        bytes.append(contentsOf: ", \"children\": ".utf8)
        if let children {
            JSONWriter.write(children, into: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        bytes.append(contentsOf: ", \"date_done\": ".utf8)
    }

    private func write(_ extended: Extended, into bytes: inout [UInt8]) {
        append(", \"name\": ", extended.name, to: &bytes)
        bytes.append(contentsOf: ", \"args\": ".utf8)
        bytes.append(contentsOf: extended.args)
        bytes.append(contentsOf: ", \"kwargs\": ".utf8)
        bytes.append(contentsOf: extended.kwargs)
        append(", \"worker\": ", extended.worker, to: &bytes)
        bytes.append(contentsOf: ", \"retries\": ".utf8)
        JSONWriter.append(extended.retries, to: &bytes)
        append(", \"queue\": ", extended.queue, to: &bytes)
        guard !extended.stamps.isEmpty else { return }
        bytes.append(contentsOf: ", \"stamped_headers\": ".utf8)
        JSONWriter.write(extended.stamps.keys.map(CeleryValue.string), into: &bytes)
        for (name, value) in extended.stamps where !Self.keys.contains(name) {
            JSONWriter.separate(&bytes)
            JSONWriter.append(name, to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            JSONWriter.write(value, into: &bytes)
        }
    }

    /// The keys that no stamp may take.
    private static let keys: Set<String> = [
        "status", "result", "traceback", "children", "date_done", "group_id", "parent_id", "name", "args", "kwargs",
        "worker", "retries", "queue", "stamped_headers", "task_id",
    ]

    @inline(__always)
    private func append(_ key: String, _ text: String?, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: key.utf8)
        if let text {
            JSONWriter.append(text, to: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
    }
}
