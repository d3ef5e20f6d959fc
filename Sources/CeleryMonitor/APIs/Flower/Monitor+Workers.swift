import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// What Flower's control endpoints share (`flower/api/control.py`).
extension Monitor {
    /// Flower knows the workers that have answered it; we know those that were heard of as well.
    func isWorker(_ name: String) -> Bool { inspector.known[name] != nil || fleet.worker(name) != nil }

    /// The worker that the path names.
    func worker(_ request: APIRequest) throws(APIError) -> String {
        let name = try request.parameter("name")
        try expectWorker(name)
        return name
    }

    func expectWorker(_ name: String) throws(APIError) {
        guard isWorker(name) else { throw .notFound("Unknown worker '\(name)'") }
    }

    /// Names of tasks that a worker can run, or that ran.
    func expectTask(_ name: String) async throws {
        if try await history.taskNames().contains(name) { return }
        for age in [60.0, 1.0] {
            for entry in try await workerCatalogue.entries(celery, age: age).values {
                // `name [rate_limit=10/m]` when a limit is set.
                let names = (entry.registered ?? []).compactMap { $0.stringValue?.split(separator: " ").first }
                if names.contains(name[...]) { return }
            }
        }
        throw APIError.notFound("Unknown task '\(name)'")
    }

    /// Sends one worker a command and returns its `ok`.
    ///
    /// - Throws: `APIError` 403 with `failure` and the worker's reason, as Flower answers.
    func command(
        _ command: String,
        to worker: String,
        arguments: CeleryMap = [:],
        failure: String
    ) async throws -> CeleryValue {
        let options = ControlClient.Options(to: [worker], timeout: .seconds(2))
        let replies = try await celery.control.broadcast(command, arguments: arguments, options)
        guard let reply = replies.first(where: { $0.node == worker })?.value else {
            throw APIError(.forbidden, "\(failure): no answer within 2 s")
        }
        if let ok = reply["ok"] { return ok }
        let reason = reply["error"]?.stringValue.map { String($0.prefix(500)) } ?? "Unknown reason"
        throw APIError(.forbidden, "\(failure): \(reason)")
    }
}

extension APIDescription {
    /// Of a command to a worker.
    static func worker(_ summary: String, query: [Parameter] = [], refusal: String? = nil) -> APIDescription {
        APIDescription(
            tag: "Workers",
            summary: summary,
            path: ["name": "The worker's name, e.g. celery@host"],
            query: query,
            schema: message,
            refusals: [404: "unknown worker", 403: refusal ?? "read-only mode, or the worker refused"]
        )
    }

    static let message: CeleryValue = [
        "type": "object", "required": ["message"], "properties": ["message": ["type": "string"]],
    ]
}
