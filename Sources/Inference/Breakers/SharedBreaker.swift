import Connections
import Logging
import Synchronization

/// An instance's breaker as this process sees it, kept the same as other workers' through Redis.
///
/// Asking it costs no round trip: it answers from what it knows. Counts go to Redis soon after (failures at once), and
/// other workers' changes arrive by `refresh()`. While Redis is away each worker goes by its own counts.
final class SharedBreaker: Sendable {
    private struct State {
        /// What all workers know, as last read.
        var shared: BreakerStore.Stored
        /// What of our calls they do not know yet.
        var successes = 0
        var failures = 0
        /// Redis's clock minus ours, in milliseconds.
        var offset: Int64 = 0
        var isSending = false
    }

    let name: String
    private let store: BreakerStore?
    private let settings: BreakerSettings
    private let logger: Logger
    private let state = Mutex(State(shared: .init(now: 0)))

    /// Successes may be told this much later, many at once.
    private static let patience = Duration.milliseconds(100)
    /// So many workers may be faster before a change waits for its next occasion.
    private static let attempts = 8

    /// - Parameter store: nil: this process alone.
    init(name: String, store: BreakerStore?, settings: BreakerSettings, logger: Logger) {
        self.name = name
        self.store = store
        self.settings = settings
        self.logger = logger
    }

    /// What is known now, our own latest calls included.
    var view: CircuitBreaker { state.withLock { view(of: $0) } }

    var admission: CircuitBreaker.Admission { state.withLock { view(of: $0).admission(now: now(of: $0)) } }

    /// How long until it may be asked again; zero when it may now.
    var wait: Duration {
        state.withLock { state in
            guard case .refused(let until) = view(of: state).admission(now: now(of: state)) else { return .zero }
            return .milliseconds(max(0, until - now(of: state)))
        }
    }

    /// Counts a call.
    func record(success: Bool) {
        let starts = state.withLock { state in
            if success { state.successes += 1 } else { state.failures += 1 }
            defer { state.isSending = true }
            return !state.isSending
        }
        if starts { Task { await self.send() } }
    }

    /// Takes the probe for one call; nil when another call has it.
    func takeProbe() async -> String? {
        let token = String(UInt64.random(in: 1 ... .max), radix: 36)
        let taken = await change { breaker, now in breaker.takeProbe(token: token, now: now, self.settings) }
        return taken ? token : nil
    }

    /// Tells how the probe went; nil: it was given up.
    func endProbe(_ token: String, success: Bool?) async {
        _ = await change { breaker, now in
            breaker.endProbe(token: token, success: success, now: now, self.settings)
            return true
        }
    }

    /// Reads what other workers have made of it.
    func refresh() async {
        guard let store else { return }
        do { adopt(try await store.read()) } catch { complain(error) }
    }

    /// Tells what was counted until there is no more to tell.
    private func send() async {
        while true {
            if state.withLock({ $0.failures == 0 }) { try? await Task.sleep(for: Self.patience) }
            let (successes, failures) = state.withLock { state in
                defer { (state.successes, state.failures) = (0, 0) }
                return (state.successes, state.failures)
            }
            let told = await change { breaker, now in
                breaker.record(successes: successes, failures: failures, now: now, self.settings)
                return true
            }
            if !told {
                state.withLock { state in
                    state.successes += successes
                    state.failures += failures
                }
            }
            let isDone = state.withLock { state in
                state.isSending = state.successes + state.failures > 0
                return !state.isSending
            }
            if isDone { return }
        }
    }

    /// Changes the state for all workers, on top of what they did meanwhile; for us alone while Redis is away.
    ///
    /// - Parameter edit: False: nothing is to be changed after all. May be called several times.
    private func change(_ edit: (inout CircuitBreaker, Int64) -> Bool) async -> Bool {
        guard let store else { return changeLocally(edit) }
        do {
            var base = state.withLock { $0.shared }
            for _ in 0..<Self.attempts {
                var breaker = base.breaker
                guard edit(&breaker, state.withLock { now(of: $0) }) else {
                    // What we knew may be old: look before giving up.
                    let fresh = try await store.read()
                    adopt(fresh)
                    guard fresh.mark != base.mark else { return false }
                    base = fresh
                    continue
                }
                let announce = breaker.phase != base.breaker.phase
                let answer = try await store.write(breaker, over: base, announce: announce)
                adopt(answer.stored)
                if answer.written { return true }
                base = answer.stored
            }
            return false
        } catch {
            complain(error)
            return changeLocally(edit)
        }
    }

    private func changeLocally(_ edit: (inout CircuitBreaker, Int64) -> Bool) -> Bool {
        let (before, after, done) = state.withLock { state in
            let before = state.shared.breaker.phase
            let done = edit(&state.shared.breaker, now(of: state))
            return (before, state.shared.breaker.phase, done)
        }
        tell(from: before, to: after)
        return done
    }

    private func adopt(_ stored: BreakerStore.Stored) {
        let before = state.withLock { state -> CircuitBreaker.Phase? in
            // Answers to two calls may overtake each other on their way here.
            guard stored.now >= state.shared.now else { return nil }
            defer {
                state.shared = stored
                state.offset = stored.now - WallClock.microseconds / 1000
            }
            return state.shared.breaker.phase
        }
        if let before { tell(from: before, to: stored.breaker.phase) }
    }

    private func tell(from before: CircuitBreaker.Phase, to after: CircuitBreaker.Phase) {
        switch (before, after) {
        case (.closed, .open): logger.warning("breaker of \(name) opened: no calls for \(settings.openFor)")
        case (.open, .closed), (.probing, .closed): logger.notice("breaker of \(name) closed")
        case (.probing, .open): logger.warning("breaker of \(name) stays open: the probe failed")
        default: break
        }
    }

    private func complain(_ error: any Error) {
        logger.debug("breaker of \(name) is kept by this worker alone: \(error)")
    }

    private func view(of state: borrowing State) -> CircuitBreaker {
        var breaker = state.shared.breaker
        breaker.record(successes: state.successes, failures: state.failures, now: now(of: state), settings)
        return breaker
    }

    private func now(of state: borrowing State) -> Int64 { WallClock.microseconds / 1000 + state.offset }
}
