import Connections
import Logging
import Synchronization

/// A worker's part in sharing the partitions among the workers that are there.
///
/// At every heartbeat it gives a sign of life in Redis, reads who owns what, shares the partitions anew where workers
/// have come or gone (whoever notices first does it, in one step), and then serves what is its own. The broker's single
/// active consumer is the baton: a new owner may begin to consume at once, and gets nothing until the old one has let
/// go. Without Redis every worker consumes all partitions, and the broker delivers each to one of them.
///
/// While Redis is away everybody keeps what they have.
final class PartitionMember: Sendable {
    private struct State {
        /// Since when every sign of life has come in time; nil when the last one is too old.
        var steadySince: ContinuousClock.Instant?
        var lastBeat: ContinuousClock.Instant?
        var lastConnected = ContinuousClock.now
        var isRedisAway = false
        /// What the table said last, or was made to say.
        var known: (assignment: PartitionAssignment, version: Int) = (PartitionAssignment(), 0)
        var serves: Set<Int>?
        var loop: Task<Void, Never>?
    }

    let settings: PartitionSettings
    /// Whether the worker has its connection to the broker.
    let isConnected = Atomic<Bool>(false)
    /// Whether `cancel_consumer` has told it to leave the partitions to others.
    private let isPaused = Atomic<Bool>(false)
    private let name: String
    private let table: PartitionTable?
    private let logger: Logger
    private let state = Mutex(State())

    /// Nil when the worker consumes no partitions.
    init?(_ configuration: WorkerConfiguration, nodename: String, results: RedisResults?, logger: Logger) {
        guard let settings = configuration.catalogue.partitions, configuration.consumesPartitions else { return nil }
        self.settings = settings
        self.logger = logger
        name = nodename
        table = results.map { PartitionTable($0.client, configuration) }
    }

    // MARK: Life

    /// Begins to take part; returns after the first attempt to do so.
    func start(_ core: WorkerCore) async {
        guard table != nil else {
            logger.warning(
                "partitions of \(settings.exchange): no Redis to share them by; each goes to the worker that was there first"
            )
            return core.servePartitions(Set(0..<settings.count))
        }
        await turn(core)
        let loop = Task { [settings] in
            while (try? await Task.sleep(for: settings.heartbeat)) != nil { await turn(core) }
        }
        state.withLock { $0.loop = loop }
    }

    /// Leaves what it owns to the others. Its messages are handed over by the consumer loop.
    func stop() async {
        let loop = state.withLock { state in
            defer { state.loop = nil }
            return state.loop
        }
        loop?.cancel()
        await loop?.value
        await leave()
    }

    /// Leaves the partitions to others, or takes part again (`cancel_consumer`, `add_consumer` with the exchange).
    func pause(_ pauses: Bool, _ core: WorkerCore) {
        isPaused.store(pauses, ordering: .relaxed)
        if table == nil { core.servePartitions(pauses ? [] : Set(0..<settings.count)) }
    }

    // MARK: A heartbeat

    private func turn(_ core: WorkerCore) async {
        guard let table else { return }
        if isPaused.load(ordering: .relaxed) {
            if state.withLock({ $0.lastBeat != nil }) { await leave() }
            return serve([], core)
        }
        guard hasBroker() else { return }
        do {
            for _ in 0..<3 {
                let view = try await table.beat(name, expires: settings.expires, serving: core.servedPartitions)
                beaten()
                let assignment = shared(view)
                var version = view.version
                if assignment != view.assignment {
                    // Somebody else was quicker: look again.
                    guard try await table.assign(assignment, over: view) else { continue }
                    version += 1
                    log(assignment, over: view)
                }
                state.withLock { $0.known = (assignment, version) }
                return serve(assignment.partitions(of: name), core)
            }
        } catch {
            missed(error)
        }
    }

    /// A worker that cannot consume leaves its partitions to others, once that has lasted as long as a silence may.
    private func hasBroker() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if isConnected.load(ordering: .relaxed) { state.lastConnected = now }
            return now - state.lastConnected < settings.expires
        }
    }

    /// The assignment as it should be. Whoever has just come to Redis, or come back to it, calls nobody dead: the
    /// others may have been kept from it as well. A table that has gone back in time has lost its data; then what was
    /// known before holds, so that nothing moves.
    private func shared(_ view: PartitionTable.View) -> PartitionAssignment {
        let (current, mayBury) = state.withLock { state in
            let isLost = view.version < state.known.version
            if isLost { state.steadySince = ContinuousClock.now }
            let isSteady = state.steadySince.map { ContinuousClock.now - $0 >= settings.expires } ?? false
            return (isLost ? state.known.assignment : view.assignment, isSteady)
        }
        let workers = mayBury ? view.members : view.members + current.owners.values
        return current.balanced(count: settings.count, workers: workers, claims: view.claims)
    }

    private func beaten() {
        let now = ContinuousClock.now
        let isBack = state.withLock { state in
            let isLate = state.lastBeat.map { now - $0 > settings.expires } ?? true
            if isLate || state.steadySince == nil { state.steadySince = now }
            state.lastBeat = now
            defer { state.isRedisAway = false }
            return state.isRedisAway
        }
        if isBack { logger.info("partitions of \(settings.exchange): Redis is back") }
    }

    private func missed(_ error: any Error) {
        guard !Task.isCancelled else { return }
        let isNews = state.withLock { state in
            defer { state.isRedisAway = true }
            return !state.isRedisAway
        }
        guard isNews else { return }
        logger.warning(
            "partitions of \(settings.exchange): \(error); everybody keeps what they have until Redis answers"
        )
    }

    private func leave() async {
        let canLeave = state.withLock { state in
            state.lastBeat = nil
            state.steadySince = nil
            return !state.isRedisAway
        }
        guard canLeave else { return }
        do {
            try await table?.leave(name)
        } catch {
            logger.warning("leaving the partitions of \(settings.exchange): \(error); others take them over later")
        }
    }

    private func serve(_ partitions: Set<Int>, _ core: WorkerCore) {
        core.servePartitions(partitions)
        let isNews = state.withLock { state in
            defer { state.serves = partitions }
            return state.serves != partitions
        }
        guard isNews else { return }
        let list = partitions.sorted().map(String.init).joined(separator: ", ")
        logger.info("partitions of \(settings.exchange) here: \(list.isEmpty ? "none" : list)")
    }

    private func log(_ assignment: PartitionAssignment, over view: PartitionTable.View) {
        let moves = assignment.owners.sorted { $0.key < $1.key }.compactMap { partition, owner -> String? in
            let before = view.assignment.owners[partition]
            guard before != owner else { return nil }
            return before.map { "\(partition) from \($0) to \(owner)" } ?? "\(partition) to \(owner)"
        }
        logger.info("partitions of \(settings.exchange) shared anew: \(moves.joined(separator: "; "))")
    }
}

extension PartitionTable {
    /// The table of the settings' partitions. Their number is part of its name: workers that count otherwise share
    /// others.
    package init(_ client: RedisClient, _ configuration: WorkerConfiguration) {
        let settings = configuration.catalogue.partitions ?? PartitionSettings()
        let prefix = configuration.resultBackend.keyPrefix + settings.keyPrefix
        self.init(client: client, prefix: "\(prefix)\(settings.count):", exchange: settings.exchange)
    }
}
