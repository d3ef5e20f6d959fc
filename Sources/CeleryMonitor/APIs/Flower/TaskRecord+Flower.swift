import CeleryProtocol
import OrderedCollections

extension TaskRecord {
    /// With the keys of Celery's `Task.as_dict` (`celery/events/state.py`).
    func flowerMap(children: [String]) -> CeleryMap {
        func text(_ text: String?) -> CeleryValue { text.map(CeleryValue.string) ?? .null }
        func time(_ time: Double?) -> CeleryValue { time.map(CeleryValue.double) ?? .null }
        return [
            "uuid": .string(id), "name": text(name), "state": .string(state), "received": time(received),
            "sent": time(sent), "started": time(started), "rejected": time(rejected), "succeeded": time(succeeded),
            "failed": time(failed), "retried": time(retried), "revoked": time(revoked), "args": text(args),
            "kwargs": text(kwargs), "eta": text(eta), "expires": text(expires), "retries": .int(retries),
            "worker": text(worker), "result": text(result), "exception": text(exception),
            "timestamp": .double(timestamp), "runtime": time(runtime), "traceback": text(traceback),
            "exchange": text(exchange), "routing_key": text(routingKey), "clock": .int(clock), "client": text(client),
            "root": text(rootID), "root_id": text(rootID), "parent": text(parentID), "parent_id": text(parentID),
            "children": .array(children.map { .string($0) }),
        ]
    }

    /// JSON Schema of `flowerMap`.
    static let flowerSchema: CeleryValue = {
        let texts = [
            "name", "args", "kwargs", "eta", "expires", "worker", "result", "exception", "traceback", "exchange",
            "routing_key", "client", "root", "root_id", "parent", "parent_id",
        ]
        let times = [
            "received", "sent", "started", "rejected", "succeeded", "failed", "retried", "revoked", "runtime",
        ]
        var properties: CeleryMap = [
            "uuid": ["type": "string"], "state": ["type": "string"], "timestamp": ["type": "number"],
            "retries": ["type": "integer"], "clock": ["type": "integer"],
            "children": ["type": "array", "items": ["type": "string"]],
        ]
        for name in texts { properties[name] = ["type": ["string", "null"]] }
        for name in times { properties[name] = ["type": ["number", "null"]] }
        return ["type": "object", "properties": .map(properties)]
    }()
}
