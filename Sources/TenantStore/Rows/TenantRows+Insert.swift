import Connections
import Foundation

extension TenantRows {
    /// From so many rows on, COPY is faster than one INSERT, although it takes more round trips.
    private static var copyThreshold: Int { 50 }

    /// Writes rows for a tenant, all or none, once for each task.
    ///
    /// - Parameter task: The id of the write: of the task, or of a part of it if it writes several times.
    /// - Returns: How many rows were written; 0 when a write of this id was carried out before.
    /// - Throws: `TenantError`, or `CancellationError`.
    package func insert(_ rows: [NewTenantRow], tenant: Int, task: String) async throws -> Int {
        guard !rows.isEmpty else { return 0 }
        if let row = rows.firstIndex(where: { $0.data.utf8.contains(0) }) {
            throw TenantError.malformedJSON(row: row, reason: "U+0000 can't be stored")
        }
        do {
            return try await onOwner(of: tenant) { shard, mayHaveHappened in
                let partition = try await shard.partition(of: tenant, layout)
                let write = TenantWrite(rows: rows, tenant: tenant, task: task)
                let count =
                    rows.count < Self.copyThreshold
                    ? try await write.insert(into: shard.primary)
                    : try await write.copy(into: partition.name, on: shard.primary)
                // An attempt of this call whose answer was lost may be the write that was carried out before.
                return count == 0 && mayHaveHappened ? try await write.written(on: shard.primary) : count
            }
        } catch TenantError.malformedJSON(nil, let reason) {
            throw TenantError.malformedJSON(row: await malformedRow(rows, tenant), reason: reason)
        }
    }

    /// The first row that `jsonb` refuses, by halving; nil when the server can't be asked.
    private func malformedRow(_ rows: [NewTenantRow], _ tenant: Int) async -> Int? {
        guard let name = routes.server(of: tenant), let pool = shards[name]?.primary else { return nil }
        var range = 0..<rows.count
        while range.count > 1 {
            let half = range.lowerBound..<(range.lowerBound + range.count / 2)
            let text = TenantWrite.arrayLiteral(rows[half].lazy.map(\.data))
            do {
                _ = try await pool.query("SELECT count(*) FROM unnest($1::jsonb[])", [.text(text)])
                range = half.upperBound..<range.upperBound
            } catch {
                guard case .malformedJSON = TenantRefusal(error, server: name).error as? TenantError else { return nil }
                range = half
            }
        }
        return range.lowerBound
    }
}
