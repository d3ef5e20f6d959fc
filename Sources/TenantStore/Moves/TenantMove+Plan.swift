import Connections
import Foundation
import Sharding

extension TenantMove {
    /// What is to be done, in order: moves that are under way, and new ones for what is elsewhere.
    func plan() async throws -> [MoveRecord] {
        var records: [MoveRecord] = []
        var missing = [range]
        for server in servers {
            let found = try await unfinished(on: server)
            records += found
            for record in found where record.phase == .copying {
                missing = missing.flatMap { $0.subtracting(record.range) }
            }
        }
        var fresh: [MoveRecord] = []
        for server in servers {
            for owned in try await owned(by: server) {
                let wanted = missing.compactMap { $0.intersection(owned) }
                missing = missing.flatMap { $0.subtracting(owned) }
                guard server.name != target.name else { continue }
                fresh += wanted.map {
                    MoveRecord(
                        id: UUID().uuidString.lowercased(),
                        range: $0,
                        source: server.name,
                        target: target.name
                    )
                }
            }
        }
        if let range = missing.first {
            throw TenantError.conflict(
                "tenants \(range) are on none of these servers; add them to shards.servers and run: chard shards migrate"
            )
        }
        return records + fresh.sorted { $0.range < $1.range }
    }

    /// Moves from `server` that overlap the range. Those that only want tidying may be of any target.
    private func unfinished(on server: MoveServer) async throws -> [MoveRecord] {
        let records = try await server.pool.query(
            """
            SELECT \(MoveRecord.columns) FROM chard.moves
            WHERE source = $1 AND phase <> 'done' AND first <= $3 AND last >= $2 ORDER BY first
            """,
            [.text(server.name), .int(range.first), .int(range.last)]
        ).map { try MoveRecord($0) }
        for record in records where record.phase == .copying {
            guard record.target == target.name, range.intersection(record.range) == record.range else {
                throw TenantError.conflict(
                    "tenants \(record.range) are being moved to server \(record.target); finish that first: chard "
                        + "shards move --tenants \(record.range) --to \(record.target)"
                )
            }
        }
        return records
    }

    /// What the server owns or is about to, of the range.
    private func owned(by server: MoveServer) async throws -> [TenantRange] {
        try await server.pool.query(
            """
            SELECT first, last FROM chard.tenant_ranges
            WHERE state IN ('owned', 'fenced') AND first <= $2 AND last >= $1 ORDER BY first
            """,
            [.int(range.first), .int(range.last)]
        ).compactMap { TenantRange(clamping: try $0.int("first"), try $0.int("last")).intersection(range) }
    }
}
