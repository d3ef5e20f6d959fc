@testable import TenantStore

/// The common state, as a process with that life uses it.
struct MortalCoordination: VectorCoordination {
    let base: MemoryCoordination
    let life: Life

    func state(adopting layout: VectorLayout) async throws -> VectorLayoutState {
        try await life.live { try await base.state(adopting: layout) }
    }
    func announce(_ pending: VectorLayout, after inForce: VectorLayout, delay: Duration) async throws -> Bool {
        try await life.live { try await base.announce(pending, after: inForce, delay: delay) }
    }
    func finish(_ pending: VectorLayout) async throws -> Bool { try await life.live { try await base.finish(pending) } }
    func beginWrite(_ collection: String, token: String, lease: Duration) async throws -> Bool {
        try await life.live { try await base.beginWrite(collection, token: token, lease: lease) }
    }
    func endWrite(_ collection: String, token: String) async {
        try? await life.live { await base.endWrite(collection, token: token) }
    }
    func beginMove(_ collection: String, token: String, lease: Duration) async throws -> Int? {
        try await life.live { try await base.beginMove(collection, token: token, lease: lease) }
    }
    func holdsMove(_ collection: String, token: String) async throws -> Bool {
        try await life.live { try await base.holdsMove(collection, token: token) }
    }
    func endMove(_ collection: String, token: String) async {
        try? await life.live { await base.endMove(collection, token: token) }
    }
    /// Not counted: it is called by the clock.
    func holdRebalance(token: String, lease: Duration) async throws -> Bool {
        try await base.holdRebalance(token: token, lease: lease)
    }
    func releaseRebalance(token: String) async {
        try? await life.live { await base.releaseRebalance(token: token) }
    }
}
