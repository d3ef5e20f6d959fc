import Synchronization

@testable import TenantStore

/// What workers agree on, within one process.
final class MemoryCoordination: VectorCoordination {
    private struct State {
        var inForce: VectorLayout?
        var pending: (layout: VectorLayout, start: ContinuousClock.Instant)?
        var movers: [String: (token: String, until: ContinuousClock.Instant)] = [:]
        var writers: [String: [String: ContinuousClock.Instant]] = [:]
        var rebalance: (token: String, until: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())

    func state(adopting layout: VectorLayout) async throws -> VectorLayoutState {
        state.withLock { state in
            let inForce = state.inForce ?? layout
            state.inForce = inForce
            let wait = state.pending.map { ContinuousClock.now.duration(to: $0.start) } ?? .zero
            return VectorLayoutState(inForce: inForce, pending: state.pending?.layout, startsIn: max(.zero, wait))
        }
    }

    func announce(_ pending: VectorLayout, after inForce: VectorLayout, delay: Duration) async throws -> Bool {
        state.withLock { state in
            guard state.inForce == inForce else { return false }
            if let there = state.pending { return there.layout == pending }
            state.pending = (pending, .now + delay)
            return true
        }
    }

    func finish(_ pending: VectorLayout) async throws -> Bool {
        state.withLock { state in
            guard state.pending?.layout == pending else { return false }
            state.inForce = pending
            state.pending = nil
            return true
        }
    }

    func beginWrite(_ collection: String, token: String, lease: Duration) async throws -> Bool {
        state.withLock { state in
            if let mover = state.movers[collection], mover.until > .now { return false }
            state.writers[collection, default: [:]][token] = .now + lease
            return true
        }
    }

    func endWrite(_ collection: String, token: String) async {
        state.withLock { $0.writers[collection]?[token] = nil }
    }

    func beginMove(_ collection: String, token: String, lease: Duration) async throws -> Int? {
        state.withLock { state in
            if let mover = state.movers[collection], mover.until > .now, mover.token != token { return nil }
            state.movers[collection] = (token, .now + lease)
            return state.writers[collection]?.values.count { $0 > .now } ?? 0
        }
    }

    func holdsMove(_ collection: String, token: String) async throws -> Bool {
        state.withLock { state in
            state.movers[collection].map { $0.token == token && $0.until > .now } ?? false
        }
    }

    func endMove(_ collection: String, token: String) async {
        state.withLock { state in
            if state.movers[collection]?.token == token { state.movers[collection] = nil }
        }
    }

    func holdRebalance(token: String, lease: Duration) async throws -> Bool {
        state.withLock { state in
            if let holder = state.rebalance, holder.until > .now, holder.token != token { return false }
            state.rebalance = (token, .now + lease)
            return true
        }
    }

    func releaseRebalance(token: String) async {
        state.withLock { if $0.rebalance?.token == token { $0.rebalance = nil } }
    }
}
