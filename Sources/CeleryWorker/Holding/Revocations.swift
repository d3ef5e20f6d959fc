import CeleryProtocol
import Connections
import Logging
import Synchronization

/// The revoked tasks, by id and by stamped header, as every worker knows them.
///
/// They come by broadcast, and by Redis: whoever carries out a revoke also writes it there and tells all workers by
/// Pub/Sub, so that a revoke outlives restarts and reaches workers that were away. Without Redis they live in memory,
/// as Celery's do, and come along with mingle.
final class Revocations: Sendable {
    private struct State {
        var ids: RevokedIDs
        var stamps: RevokedStamps
        var following: Task<Void, Never>?
        var isRead = false
    }

    private let state: Mutex<State>
    /// Whether anything is revoked at all: what a task pays while nothing is.
    private let hasAny = Atomic<Bool>(false)
    private let store: RevocationStore?
    private let running: RunningTasks
    private let logger: Logger

    /// - Parameters:
    ///   - results: The Redis in which revocations are kept; nil: in memory only.
    ///   - running: The tasks under way, whose stored state a revoke leaves alone.
    init(_ settings: WorkerSettings, results: RedisResults?, running: RunningTasks, logger: Logger) {
        let lifetime = settings.revokeExpires.secondsValue
        state = Mutex(
            State(
                ids: RevokedIDs(limit: settings.revokesMax, lifetime: lifetime),
                stamps: RevokedStamps(limit: settings.revokesMax)
            )
        )
        store = results.map { RevocationStore($0, limit: settings.revokesMax, lifetime: lifetime) }
        self.running = running
        self.logger = logger
    }

    // MARK: Asking

    func contains(_ id: String) -> Bool {
        guard hasAny.load(ordering: .relaxed) else { return false }
        return state.withLock { $0.ids.contains(id) }
    }

    /// Whether and why a message is revoked: one atomic read while nothing is.
    func revocation(of message: TaskMessage) -> Revocation? {
        guard hasAny.load(ordering: .relaxed) else { return nil }
        let (isRevoked, hasStamps) = state.withLock { ($0.ids.contains(message.id), !$0.stamps.isEmpty) }
        if isRevoked { return .id }
        guard hasStamps, let names = message.stampedHeaders, !names.isEmpty else { return nil }
        return match(names: names, stamps: message.stamps).map(Revocation.stamp)
    }

    /// The first of a message's stamps that is revoked.
    func match(names: [String], stamps: CeleryMap) -> RevokedStamps.Stamp? {
        state.withLock { $0.stamps.match(names: names, stamps: stamps) }
    }

    /// The revoked ids, oldest first: the reply to `revoked`, and what `hello` exchanges
    /// (`celery/worker/control.py`: the ids only, for their times mean nothing on another host).
    var snapshot: [String] {
        state.withLock { state in
            state.ids.purge(now: WallClock.seconds)
            return state.ids.entries.map(\.id)
        }
    }

    // MARK: Revoking

    /// Revokes tasks: at once here, and in Redis and at all other workers soon after. Whose tasks have not begun get
    /// the state REVOKED (`celery/worker/control.py`, _revoke). Never blocks.
    func revoke(_ ids: [String]) {
        let now = WallClock.seconds
        add(ids.map { RevokedIDs.Entry(id: $0, time: now) }, [])
        guard let store, !ids.isEmpty else { return }
        let runningIDs = Set(running.all.map(\.message.id))
        let waiting = ids.filter { !runningIDs.contains($0) }
        keep("tasks \(ids.prefix(3).joined(separator: ", "))") {
            try await store.save(ids: ids, now: now)
            try await store.markRevoked(waiting)
        }
    }

    /// Revokes all tasks that carry one of these values under one of these stamped headers.
    func revoke(stamps: [String: [CeleryValue]]) {
        let stamps = stamps.flatMap { header, values in values.map { RevokedStamps.Stamp(header: header, value: $0) } }
        add([], stamps)
        guard let store, !stamps.isEmpty else { return }
        keep("stamped headers") { try await store.save(stamps: stamps, now: WallClock.seconds) }
    }

    /// Takes over what another worker has revoked, as `hello` brings it: a list of ids, or a map by id. What comes with
    /// the ids is ignored, for it is another host's clock (`celery/worker/state.py`, merge_revoked).
    func merge(_ revoked: CeleryValue?) {
        let now = WallClock.seconds
        let ids: [String] =
            switch revoked {
            case .array(let list): list.compactMap(\.stringValue)
            case .map(let map): Array(map.keys)
            default: []
            }
        add(ids.filter { !contains($0) }.map { RevokedIDs.Entry(id: $0, time: now) }, [])
    }

    private func add(_ ids: [RevokedIDs.Entry], _ stamps: [RevokedStamps.Stamp]) {
        let isEmpty = state.withLock { state in
            for entry in ids { state.ids.insert(entry.id, at: entry.time) }
            for stamp in stamps { state.stamps.insert(stamp) }
            state.ids.purge(now: WallClock.seconds)
            return state.ids.isEmpty && state.stamps.isEmpty
        }
        hasAny.store(!isEmpty, ordering: .relaxed)
    }

    /// Writes to Redis, for half a minute again and again; the broadcast has reached the workers meanwhile.
    private func keep(_ what: String, _ body: @escaping @Sendable () async throws -> Void) {
        Task { [logger] in
            for attempt in 1...30 {
                do {
                    return try await body()
                } catch  where attempt == 30 {
                    logger.error("keeping the revocation of \(what) in Redis: \(error); it holds until the worker ends")
                } catch {
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    // MARK: Following

    /// Reads what was revoked before, and from then on follows what others revoke. Waits for the first answer of Redis
    /// at most `limit`; a Redis that comes later is followed then.
    func start(within limit: Duration = .seconds(2)) async {
        guard let store else { return }
        await withCheckedContinuation { continuation in
            let once = Once<Void> { continuation.resume() }
            let following = Task {
                await follow(store) {
                    self.state.withLock { $0.isRead = true }
                    once.call(())
                }
                once.call(())
            }
            state.withLock { $0.following = following }
            Task {
                try? await Task.sleep(for: limit)
                if !state.withLock({ $0.isRead }) {
                    logger.warning("Redis does not say yet what was revoked; the worker begins without that")
                }
                once.call(())
            }
        }
    }

    func stop() { state.withLock { $0.following }?.cancel() }

    /// Subscribes before it reads, so that no revoke falls between the two.
    private func follow(_ store: RevocationStore, _ isRead: () -> Void) async {
        while !Task.isCancelled {
            do {
                let subscription = try await store.subscribe()
                defer { subscription.cancel() }
                try await load(store)
                isRead()
                for await event in subscription.events {
                    switch event {
                    case .message(let bytes):
                        let news = RevocationStore.news(bytes)
                        add(news.ids, news.stamps)
                    case .matched: break
                    case .gap: try await load(store)
                    }
                }
            } catch {
                logger.debug("reading what was revoked: \(error)")
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func load(_ store: RevocationStore) async throws {
        let (ids, stamps) = try await store.load(now: WallClock.seconds)
        add(ids, stamps)
    }
}
