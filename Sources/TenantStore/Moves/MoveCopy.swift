import Connections
import Foundation
import Sharding

/// Copies a range's rows, and the writes of tasks, and compares both sides.
struct MoveCopy: Sendable {
    /// A round with fewer rows than this is short enough to be repeated under the fence.
    private static var shortRound: Int { 2_000 }
    private static var maxRounds: Int { 8 }

    let part: MovePart
    let token: Int

    var source: MoveServer { part.source }
    var target: MoveServer { part.target }
    var range: TenantRange { part.range }

    func progress() async throws -> MoveProgress {
        let rows = try await target.pool.query(
            "SELECT \(MoveProgress.columns) FROM chard.moves WHERE id = $1 AND epoch = $2",
            [.text(part.record.id), .int(token)]
        )
        guard let row = rows.first else { throw part.takenOver }
        return try MoveProgress(row)
    }

    /// Rounds until one is short.
    ///
    /// - Returns: The id up to which everything is copied.
    func rounds() async throws -> Int {
        if try await progress().isFresh {
            try await MoveCleanup(server: target, range: range, move: (part.record.id, token)).purge()
        }
        for _ in 0..<Self.maxRounds {
            let before = try await progress()
            if before.watermark <= before.settled {
                try await set("watermark = $3, cursor_tenant = -1, cursor_id = 0", [.int(try await settledID())])
            }
            try await copyRound(isShort: false)
            let after = try await progress()
            if after.rows - before.rows < Self.shortRound { break }
        }
        return try await progress().settled
    }

    /// What came since the last round, while the fence stands.
    func rest(through settled: Int) async throws {
        // A round that was cut off under an earlier fence is finished first.
        let before = try await progress()
        if before.watermark > before.settled { try await copyRound(isShort: true) }
        guard settled > (try await progress().settled) else { return }
        try await set("watermark = $3, cursor_tenant = -1, cursor_id = 0", [.int(settled)])
        try await copyRound(isShort: true)
    }

    private func settledID() async throws -> Int {
        guard let id = try await source.settledID(of: range, within: .seconds(600)) else {
            throw TenantError.moveFailed(range, reason: "a transaction has been writing there for 10 min")
        }
        return id
    }

    /// Changes the target's row of this move, if this is still the mover.
    func set(_ changes: String, _ values: [PostgresValue] = [], on connection: PostgresConnection? = nil) async throws {
        let sql = "UPDATE chard.moves SET \(changes), updated_at = now() WHERE id = $1 AND epoch = $2"
        let parameters = [.text(part.record.id), .int(token)] + values
        let changed =
            if let connection { try await connection.query(sql, parameters).affected } else {
                try await target.pool.query(sql, parameters).affected
            }
        guard changed == 1 else { throw part.takenOver }
    }

    /// Rows and writes with ids above `settled` and up to the watermark, from the cursor on.
    private func copyRound(isShort: Bool) async throws {
        var progress = try await progress()
        try await copyWrites(after: progress.settled, through: progress.watermark)
        var limit = 500
        for partition in try await source.partitions(of: range) where partition.last >= progress.cursorTenant {
            while true {
                let batch = try await MoveBatch.read(
                    from: partition.name,
                    of: range,
                    progress,
                    limit,
                    source.pool,
                    isShort: isShort
                )
                guard let last = batch.last else { break }
                try await write(batch.rows, last)
                progress.cursorTenant = last.tenant
                progress.cursorID = last.id
                // About 4 MB at a time.
                let size = max(1, batch.bytes / batch.rows.count)
                limit = min(10_000, max(50, 4_000_000 / size))
            }
        }
        try await set("settled = watermark")
    }

    /// One transaction: the rows, and the cursor behind them.
    private func write(_ rows: [MoveBatch.Row], _ last: MoveBatch.Row) async throws {
        var pieces: [(partition: MoveServer.Partition, rows: ArraySlice<MoveBatch.Row>)] = []
        var next = rows.startIndex
        while next < rows.endIndex {
            let partition = try await target.partition(of: rows[next].tenant, width: part.width)
            let end = rows[next...].firstIndex { $0.tenant > partition.last } ?? rows.endIndex
            pieces.append((partition, rows[next..<end]))
            next = end
        }
        let copies = pieces.map { (name: $0.partition.name, data: MoveBatch.encoded($0.rows)) }
        try await target.pool.transaction { connection in
            try await set(
                "cursor_tenant = $3, cursor_id = $4, row_count = row_count + $5",
                [.int(last.tenant), .int(last.id), .int(rows.count)],
                on: connection
            )
            for copy in copies {
                _ = try await connection.copyIn(MoveBatch.copyStatement(into: copy.name), [copy.data])
            }
        }
    }

    /// Copying one twice does nothing, so that these need no cursor.
    private func copyWrites(after settled: Int, through watermark: Int) async throws {
        var last = settled
        while true {
            let rows = try await source.pool.query(
                """
                SELECT coalesce(max(id), 0) AS last, json_agg(w)::text AS writes FROM (
                    SELECT * FROM chard.task_writes
                    WHERE tenant_id BETWEEN $1 AND $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT 10000
                ) w
                """,
                [.int(range.first), .int(range.last), .int(last), .int(watermark)]
            )
            guard let writes = try rows[0].nullableText("writes") else { return }
            _ = try await target.pool.query(
                """
                INSERT INTO chard.task_writes
                SELECT * FROM json_populate_recordset(null::chard.task_writes, $1::json) ON CONFLICT DO NOTHING
                """,
                [.text(writes)]
            )
            last = try rows[0].int("last")
        }
    }
}
