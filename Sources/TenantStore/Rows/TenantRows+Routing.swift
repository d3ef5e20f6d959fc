import Connections
import Logging
import Sharding

extension TenantRows {
    /// Where a call is on its way to the tenant's server.
    private struct Journey {
        let tenant: Int
        let start = ContinuousClock.now
        /// The server that sent us on, said its range has this version: so the range may be opened.
        var version: Int64?
        /// An earlier attempt may have been carried out.
        var mayHaveHappened = false
        var failures = 0
        var redirects = 0
    }

    /// Runs `body` with the server that owns the tenant.
    ///
    /// - Parameter body: Its second argument tells that an earlier attempt may have been carried out.
    func onOwner<Result>(
        of tenant: Int,
        _ body: (TenantShard, Bool) async throws -> Result
    ) async throws -> Result {
        var journey = Journey(tenant: tenant)
        while true {
            guard let name = routes.server(of: tenant) else { throw TenantError.unknownTenant(tenant) }
            guard let shard = shards[name] else { throw TenantError.unknownServer(name, tenant: tenant) }
            do {
                return try await body(shard, journey.mayHaveHappened)
            } catch {
                try Task.checkCancellation()
                try await goOn(after: TenantRefusal(error, server: name), by: shard, &journey)
            }
        }
    }

    /// Returns when the call may be tried again, or throws what it ends with.
    private func goOn(after refusal: TenantRefusal, by shard: TenantShard, _ journey: inout Journey) async throws {
        switch refusal {
        case .final(let error): throw error
        case .noPartition:
            shard.partitions.remove(partitionOf: journey.tenant)
            journey.redirects += 1
            guard journey.redirects < 10 else {
                throw TenantError.conflict("server \(shard.name) has no partition for tenant \(journey.tenant)")
            }
        case .moved(let range, let owner, let version):
            logger.info("tenants have moved", metadata: ["tenants": "\(range)", "server": "\(owner)"])
            routes.learn(range, isOn: owner)
            journey.version = version
            try await noteRedirect(&journey)
        case .notHere:
            try await findOwner(&journey)
            try await noteRedirect(&journey)
        case .beingMoved(let isArriving):
            if isArriving, let version = journey.version, try await open(shard, journey.tenant, version) { return }
            let tenant = journey.tenant
            try await wait(&journey) { .beingMoved(tenant: tenant, waited: $0) }
        case .away(let reason, let mayHaveHappened):
            journey.mayHaveHappened = journey.mayHaveHappened || mayHaveHappened
            try await wait(&journey) { _ in .unavailable(server: shard.name, reason: reason) }
        }
    }

    /// Servers that send each other's tenants in a circle are asked slowly, until patience ends.
    private func noteRedirect(_ journey: inout Journey) async throws {
        journey.redirects += 1
        guard journey.redirects > shards.count else { return }
        let tenant = journey.tenant
        try await wait(&journey) { .beingMoved(tenant: tenant, waited: $0) }
    }

    /// Opens a range that the source has given away, in place of a mover that died just then.
    private func open(_ shard: TenantShard, _ tenant: Int, _ version: Int64) async throws -> Bool {
        let rows = try? await shard.primary.query(
            "SELECT chard.arrive($1, $2) AS opened",
            [.int(tenant), .int(version)]
        )
        return try rows?.first?.bool("opened") ?? false
    }

    /// Waits 20 ms, then longer, at most 500 ms; throws when patience has ended.
    private func wait(_ journey: inout Journey, _ failure: (Duration) -> TenantError) async throws {
        let waited = journey.start.duration(to: .now)
        guard waited < layout.patience else { throw failure(waited) }
        let pause = Duration.milliseconds(min(500, 20 << min(journey.failures, 5)))
        journey.failures += 1
        try await Task.sleep(for: min(pause, layout.patience - waited))
    }

    /// Asks every server for the tenant, because the one in the settings does not know it: they may be older or newer
    /// than a move.
    private func findOwner(_ journey: inout Journey) async throws {
        var unreachable: (server: String, reason: String)?
        for shard in shards.values.sorted(by: { $0.name < $1.name }) {
            do {
                let rows = try await shard.primary.query(
                    "SELECT first, last FROM chard.range_of($1) WHERE state <> 'moved'",
                    [.int(journey.tenant)]
                )
                guard let row = rows.first else { continue }
                return routes.learn(TenantRange(clamping: try row.int("first"), try row.int("last")), isOn: shard.name)
            } catch {
                guard case .away(let reason, _) = TenantRefusal(error, server: shard.name) else {
                    throw TenantRefusal(error, server: shard.name).error ?? error
                }
                unreachable = (shard.name, reason)
            }
        }
        guard let unreachable else { throw TenantError.unknownTenant(journey.tenant) }
        try await wait(&journey) { _ in .unavailable(server: unreachable.server, reason: unreachable.reason) }
    }
}

extension TenantRefusal {
    /// What a final refusal ends the call with.
    var error: (any Error)? {
        if case .final(let error) = self { error } else { nil }
    }
}
