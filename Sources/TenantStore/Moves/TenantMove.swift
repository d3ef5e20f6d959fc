import Connections
import Logging
import Sharding

/// Moves a range of tenants to another server while tasks go on reading and writing; nothing is lost or doubled.
///
/// How: rows are copied by their ids in rounds, each up to an id below which nothing can appear any more. When a round is
/// short, the source fences the range: writers wait, the rest is copied and compared, and in one statement the source
/// gives the range away. From then on it answers with the new owner, and workers follow. Last, the source's rows go.
///
/// All state is in the servers, written in the transaction that does the step: a mover that dies at any point is
/// followed by another, which goes on; its fence lapses after 15 s if none does. A token keeps an older mover from
/// doing anything beside a newer one.
package final class TenantMove: Sendable {
    /// A number of seconds that the rest of a copy should not need by far; then writers take the fence down.
    static var fenceSeconds: Int { 15 }

    let layout: TenantLayout
    let range: TenantRange
    let target: MoveServer
    let servers: [MoveServer]
    let logger: Logger
    /// How long the servers may be away before the move gives up.
    let patience: Duration

    /// Throws `TenantError.conflict` when `target` is not a server of the layout.
    package init(
        _ range: TenantRange,
        to target: String,
        layout: TenantLayout,
        patience: Duration = .seconds(60),
        logger: Logger
    ) throws {
        let options = PostgresPoolOptions(
            statementTimeout: .seconds(600),
            settings: ["application_name": "chard move", "datestyle": "ISO"]
        )
        servers = layout.servers.map {
            MoveServer(name: $0.name, pool: PostgresPool($0.url, options: options, logger: logger))
        }
        guard let server = servers.first(where: { $0.name == target }) else {
            let names = layout.servers.map(\.name).joined(separator: ", ")
            throw TenantError.conflict("there is no server \"\(target)\" in shards.servers; there are: \(names)")
        }
        self.target = server
        self.range = range
        self.layout = layout
        self.patience = patience
        self.logger = logger
    }

    /// Moves what is not on the target yet, and finishes what an earlier mover left.
    ///
    /// - Throws: `TenantError`, `PostgresError` or `CancellationError`; the same call then goes on from there.
    package func run() async throws -> TenantMoveReport {
        var report = TenantMoveReport()
        for record in try await plan() {
            guard let source = servers.first(where: { $0.name == record.source }),
                let target = servers.first(where: { $0.name == record.target })
            else {
                throw TenantError.conflict("an unfinished move names server \(record.source) or \(record.target)")
            }
            let part = MovePart(
                record: record,
                source: source,
                target: target,
                width: layout.partitionWidth,
                logger: logger
            )
            report.parts.append(try await persist(part))
        }
        return report
    }

    package func close() async {
        for server in servers { await server.pool.close() }
    }

    /// Begins again where the servers say, while they are away for less than `patience`.
    private func persist(_ part: MovePart) async throws -> TenantMoveReport.Part {
        var since: ContinuousClock.Instant?
        while true {
            do {
                return try await part.run()
            } catch let error as PostgresError where error.isRetriable {
                let now = ContinuousClock.now
                guard now - (since ?? now) < patience else {
                    throw TenantError.moveFailed(part.record.range, reason: error.description)
                }
                since = since ?? now
                logger.warning("the move waits for a server", metadata: ["reason": "\(error)"])
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}
