import Connections
import Logging
import Sharding

/// The move of one range from one server to another.
struct MovePart: Sendable {
    let record: MoveRecord
    let source: MoveServer
    let target: MoveServer
    let width: Int
    let logger: Logger

    var range: TenantRange { record.range }

    /// Goes on from what the servers say, to the end.
    func run() async throws -> TenantMoveReport.Part {
        let (token, phase) = try await begin()
        var fenced = Duration.zero
        if phase == .copying {
            do {
                fenced = try await copyAndSwitch(token)
            } catch {
                // Writers go on; if this does not get through, the fence lapses.
                _ = try? await source.pool.query("SELECT chard.move_unfence($1, $2)", [.text(record.id), .int(token)])
                throw error
            }
        }
        try await open()
        try await MoveCleanup(server: source, range: range).run()
        let counted = try await target.pool.query("SELECT row_count FROM chard.moves WHERE id = $1", [.text(record.id)])
        for server in [target, source] {
            _ = try await server.pool.query(
                "UPDATE chard.moves SET phase = 'done', updated_at = now() WHERE id = $1",
                [.text(record.id)]
            )
        }
        return TenantMoveReport.Part(
            range: range,
            source: source.name,
            rows: try counted.first?.int("row_count") ?? 0,
            fenced: fenced
        )
    }

    /// Notes the move on the source, or takes it over from an earlier mover.
    private func begin() async throws -> (token: Int, phase: MoveRecord.Phase) {
        let id = PostgresValue.text(record.id)
        let taken = try await source.pool.query(
            "UPDATE chard.moves SET epoch = epoch + 1, updated_at = now() WHERE id = $1 RETURNING epoch, phase",
            [id]
        )
        if let row = taken.first {
            return (try row.int("epoch"), MoveRecord.Phase(rawValue: try row.text("phase")) ?? .switched)
        }
        try await ifFree {
            try await source.pool.query(
                "SELECT chard.move_out($1, $2, $3, $4, $5)",
                [id, .int(range.first), .int(range.last), .text(record.source), .text(record.target)]
            )
        }
        return (1, .copying)
    }

    private func copyAndSwitch(_ token: Int) async throws -> Duration {
        try await receive(token)
        let copy = MoveCopy(part: self, token: token)
        let prefix = try await copy.rounds()
        try await copy.verify(after: 0, through: prefix)
        let copied = try await copy.progress().rows
        logger.info("tenants are copied", metadata: ["tenants": "\(range)", "rows": "\(copied)"])
        for _ in 0..<5 {
            let start = ContinuousClock.now
            if try await fenceAndSwitch(copy, prefix: prefix) { return start.duration(to: .now) }
        }
        throw TenantError.moveFailed(range, reason: "writes went on for longer than a fence may stand, five times")
    }

    /// Stops writes, copies and compares the rest, and gives the range away. False: the fence did not stand long enough.
    private func fenceAndSwitch(_ copy: MoveCopy, prefix: Int) async throws -> Bool {
        guard try await fence(copy.token, again: false) else { throw takenOver }
        guard let settled = try await source.settledID(of: range, within: .seconds(10)) else {
            _ = try await source.pool.query("SELECT chard.move_unfence($1, $2)", [.text(record.id), .int(copy.token)])
            try await Task.sleep(for: .seconds(1))
            return false
        }
        try await copy.rest(through: settled)
        try await copy.verify(after: prefix, through: settled)
        guard try await fence(copy.token, again: true) else { return false }
        try await copy.repeatDeletions(through: settled)
        // New ids on the target follow those that came with the range.
        _ = try await target.pool.query("SELECT chard.advance_ids($1)", [.int(settled)])
        return try await source.pool.query(
            "SELECT chard.move_switch($1, $2) AS done",
            [.text(record.id), .int(copy.token)]
        )[0].bool("done")
    }

    private func fence(_ token: Int, again: Bool) async throws -> Bool {
        try await source.pool.query(
            "SELECT chard.move_fence($1, $2, $3, $4) AS done",
            [.text(record.id), .int(token), .int(TenantMove.fenceSeconds), .bool(again)]
        )[0].bool("done")
    }

    private func receive(_ token: Int) async throws {
        let id = PostgresValue.text(record.id)
        let rows = try await source.pool.query("SELECT version FROM chard.tenant_ranges WHERE move_id = $1", [id])
        guard let version = try rows.first?.int("version") else { throw takenOver }
        try await ifFree {
            try await target.pool.query(
                "SELECT chard.move_in($1, $2, $3, $4, $5, $6, $7)",
                [
                    id, .int(range.first), .int(range.last), .text(record.source), .text(record.target),
                    .int(version), .int(token),
                ]
            )
        }
    }

    /// Gives the server's refusal (TN005) as an error for a person.
    private func ifFree(_ body: () async throws -> PostgresRows) async throws {
        do {
            _ = try await body()
        } catch let error as PostgresError where error.sqlState == "TN005" {
            throw TenantError.conflict(error.message)
        }
    }

    /// Opens the range on the target, if no worker did.
    private func open() async throws {
        let rows = try await target.pool.query(
            """
            SELECT chard.arrive($2, version) FROM chard.tenant_ranges
            WHERE move_id = $1 AND state = 'arriving'
            """,
            [.text(record.id), .int(range.first)]
        )
        if !rows.isEmpty {
            logger.info("tenants have moved", metadata: ["tenants": "\(range)", "server": "\(target.name)"])
        }
    }

    var takenOver: TenantError {
        .moveFailed(range, reason: "another mover has taken this move over")
    }
}
