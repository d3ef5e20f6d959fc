import CeleryWorker
import Foundation
import TenantStore

/// One of the `rows` of a task: a map with `agent_id` and `data`, and `created_at` if it has one.
struct RowArgument {
    let row: NewTenantRow

    /// - Parameter index: Where it stands, for the error.
    /// - Throws: `ExceptionRecord`: a Python `ValueError` that names the place.
    init(_ value: CeleryValue, at index: Int) throws {
        func wrong(_ reason: String) -> ExceptionRecord { .valueError("rows[\(index)]: \(reason)") }
        guard let map = value.mapValue else {
            throw wrong("must be a map with agent_id and data, not \(value.pythonTypeName)")
        }
        if let unknown = map.keys.first(where: { !["agent_id", "data", "created_at"].contains($0) }) {
            throw wrong("unknown key \"\(unknown.prefix(60))\"; known: agent_id, data, created_at")
        }
        guard let agent = map["agent_id"]?.stringValue.flatMap(UUID.init) else {
            throw wrong("agent_id must be a UUID as text")
        }
        guard let data = map["data"] else { throw wrong("data is missing") }
        var createdAt: Date?
        if let moment = map["created_at"], !moment.isNull {
            guard let date = moment.stringValue.flatMap(Moment.date) else {
                throw wrong("created_at must be a moment in ISO 8601, e.g. 2026-11-21T12:00:00Z")
            }
            createdAt = date
        }
        row = NewTenantRow(
            agentID: agent,
            data: String(decoding: JSONWriter.bytes(data), as: UTF8.self),
            createdAt: createdAt
        )
    }
}
