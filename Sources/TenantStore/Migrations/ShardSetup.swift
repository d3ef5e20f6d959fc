import Connections
import Logging
import Sharding

/// Sets up the servers of a layout: schema, the server's name, and the ranges that nobody owns yet.
///
/// Idempotent, and safe when several run at once: every server is locked, in the order of names, before any is changed.
/// What servers own already is never taken from them: that takes a move.
package struct ShardSetup: Sendable {
    /// What was done on a server, for a person.
    package struct Step: Sendable, Hashable {
        package let server: String
        package let text: String
    }

    private let layout: TenantLayout
    private let logger: Logger

    package init(_ layout: TenantLayout, logger: Logger) {
        self.layout = layout
        self.logger = logger
    }

    /// - Returns: What was changed; empty when all was as it should be.
    /// - Throws: `TenantError.conflict` when servers and settings contradict each other; the schema is up to date then.
    package func run() async throws -> [Step] {
        let servers = layout.servers.sorted { $0.name < $1.name }.map { server in
            let options = PostgresPoolOptions(size: 2, settings: ["application_name": "chard shards migrate"])
            return MoveServer(name: server.name, pool: PostgresPool(server.url, options: options, logger: logger))
        }
        do {
            let steps = try await setUp(servers)
            for server in servers { await server.pool.close() }
            return steps
        } catch {
            for server in servers { await server.pool.close() }
            throw error
        }
    }

    private func setUp(_ servers: [MoveServer]) async throws -> [Step] {
        var steps: [Step] = []
        for server in servers {
            for name in try await Migrator(server.pool).run() {
                steps.append(Step(server: server.name, text: "applied migration \"\(name)\""))
            }
        }
        return try await locking(servers[...]) {
            for server in servers { try await setName(of: server) }
            return steps + (try await claim(servers))
        }
    }

    /// Runs `body` while no other set-up changes any of the servers.
    private func locking(_ servers: ArraySlice<MoveServer>, _ body: () async throws -> [Step]) async throws -> [Step] {
        guard let server = servers.first else { return try await body() }
        return try await server.pool.transaction { connection in
            _ = try await connection.query(
                "SELECT pg_advisory_xact_lock(\(AdvisoryLock.migrations), 1)",
                timeout: .seconds(600)
            )
            return try await locking(servers.dropFirst(), body)
        }
    }

    private func setName(of server: MoveServer) async throws {
        _ = try await server.pool.query(
            "INSERT INTO chard.server (name) VALUES ($1) ON CONFLICT DO NOTHING",
            [.text(server.name)]
        )
        let name = try await server.pool.query("SELECT name FROM chard.server")[0].text("name")
        guard name == server.name else {
            throw TenantError.conflict(
                "the server at \(server.pool.url.endpoint) was set up as \"\(name)\", shards.servers calls it "
                    + "\"\(server.name)\"; give it its name, or another database"
            )
        }
    }

    private func claim(_ servers: [MoveServer]) async throws -> [Step] {
        var known: [String: [KnownRange]] = [:]
        for server in servers { known[server.name] = try await KnownRange.all(on: server.pool) }
        var claims: [(server: MoveServer, range: TenantRange)] = []
        for server in servers {
            let wanted = layout.server(named: server.name)?.tenants ?? []
            let own = known[server.name] ?? []
            let free = own.reduce(wanted) { rest, known in rest.flatMap { $0.subtracting(known.range) } }
            for other in servers where other.name != server.name {
                try Self.check(free, of: server.name, against: known[other.name] ?? [], of: other.name)
            }
            claims += free.map { (server, $0) }
        }
        for claim in claims {
            _ = try await claim.server.pool.query(
                "INSERT INTO chard.tenant_ranges (first, last, state, owner) VALUES ($1, $2, 'owned', $3)",
                [.int(claim.range.first), .int(claim.range.last), .text(claim.server.name)]
            )
        }
        return claims.map { Step(server: $0.server.name, text: "owns tenants \($0.range) now") }
    }

    private static func check(
        _ free: [TenantRange],
        of server: String,
        against known: [KnownRange],
        of other: String
    ) throws {
        for range in free {
            guard let owned = known.first(where: { $0.state != "moved" && $0.range.overlaps(range) }) else { continue }
            let both = owned.range.intersection(range) ?? range
            throw TenantError.conflict(
                "shards.servers gives tenants \(both) to \(server), but they live on \(other); give them to \(other) "
                    + "there, then run: chard shards move --tenants \(both) --to \(server)"
            )
        }
    }
}
