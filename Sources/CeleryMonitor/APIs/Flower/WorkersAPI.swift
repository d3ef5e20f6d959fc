import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/workers`: what the workers say of themselves (`flower/api/workers.py`).
enum WorkersAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/workers"
    static let description = APIDescription(
        tag: "Workers",
        summary: "The workers' own word, by name",
        details: "The lists of active, scheduled, reserved and revoked tasks are there for a worker asked for alone.",
        query: [
            .init(name: "refresh", type: "boolean", text: "Ask the workers now"),
            .init(name: "workername", text: "Only this one"),
            .init(name: "status", type: "boolean", text: "Only whether they are alive"),
        ],
        schema: ["type": "object", "additionalProperties": ["type": ["object", "boolean"]]],
        refusals: [400: "an argument has a wrong type", 404: "unknown worker", 503: "the broker can't be asked"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = request.text("workername")
        let isFresh = try request.flag("refresh")
        if try request.flag("status") {
            let workers = monitor.fleet.workers.map { ($0.name, CeleryValue.bool($0.isAlive)) }
            return .json(.map(CeleryMap(workers, uniquingKeysWith: { $1 })))
        }
        let redaction = Redaction(monitor.settings.redactedFields)
        if let name {
            if isFresh || monitor.isWorker(name) {
                let report = try await monitor.inspector.report(name, age: isFresh ? 0 : 60)
                if report.hasAnswer { return .json(redaction.value(.map([name: .map(report.flowerMap)]))) }
            }
            guard let known = monitor.inspector.known[name] else {
                throw APIError.notFound("Unknown worker '\(name)'")
            }
            return .json(redaction.value(.map([name: .map(known.flowerMap)])))
        }
        return .json(redaction.value(.map(try await all(monitor, age: isFresh ? 0 : 60))))
    }

    /// Without the lists of tasks, as Flower asks all workers.
    private static func all(_ monitor: Monitor, age: Double) async throws -> CeleryMap {
        async let catalogue = monitor.workerCatalogue.entries(monitor.celery, age: age)
        var reports = try await monitor.inspector.survey(age: age)
        for (name, entry) in try await catalogue {
            reports[name]?.registered = entry.registered
            reports[name]?.configuration = entry.configuration
        }
        let sorted = reports.sorted { $0.key < $1.key }.map { ($0.key, CeleryValue.map($0.value.flowerMap)) }
        return CeleryMap(sorted, uniquingKeysWith: { $1 })
    }
}

extension WorkerReport {
    var hasAnswer: Bool {
        stats != nil || activeQueues != nil || registered != nil || configuration != nil || active != nil
    }

    /// With Flower's keys; what was not answered is missing.
    var flowerMap: CeleryMap {
        var map = CeleryMap()
        if var stats {
            // As Flower does (flower#1512): passwords of other brokers are in there.
            if var broker = stats["broker"]?.mapValue {
                broker["alternates"] = nil
                stats["broker"] = .map(broker)
            }
            map["stats"] = .map(stats)
        }
        let lists = [
            ("active_queues", activeQueues), ("registered", registered), ("scheduled", scheduled), ("active", active),
            ("reserved", reserved), ("revoked", revoked),
        ]
        for (key, list) in lists { if let list { map[key] = .array(list) } }
        if let configuration { map["conf"] = .map(configuration) }
        map["timestamp"] = .double(asked)
        return map
    }
}
