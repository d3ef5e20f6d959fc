/// What workers and a rebalance agree on, kept where all of them see it.
///
/// Writes and moves of a collection exclude each other: many writers, or one mover. Every hold is a lease, so that who
/// died or froze holds up the others only so long. Calls throw ``VectorError`` of kind `stateUnreachable`.
package protocol VectorCoordination: Sendable {
    /// The layout in force; `layout` becomes that when there is none yet.
    func state(adopting layout: VectorLayout) async throws -> VectorLayoutState

    /// Announces the move from one layout to another. Workers begin with it after `delay`, all at once. False when
    /// another layout is in force or pending; true, changing nothing, when this one is pending.
    func announce(_ pending: VectorLayout, after inForce: VectorLayout, delay: Duration) async throws -> Bool

    /// Puts the pending layout in force. False when it is not pending (any more).
    func finish(_ pending: VectorLayout) async throws -> Bool

    /// False while a mover has the collection.
    func beginWrite(_ collection: String, token: String, lease: Duration) async throws -> Bool

    func endWrite(_ collection: String, token: String) async

    /// Keeps new writers away, or goes on doing so. Gives the number of writers that are still busy, or nil when
    /// another mover has the collection.
    func beginMove(_ collection: String, token: String, lease: Duration) async throws -> Int?

    /// Whether the move is still ours.
    func holdsMove(_ collection: String, token: String) async throws -> Bool

    func endMove(_ collection: String, token: String) async

    /// Takes or renews the right to rebalance. False when somebody else has it.
    func holdRebalance(token: String, lease: Duration) async throws -> Bool

    func releaseRebalance(token: String) async
}
