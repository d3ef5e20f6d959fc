/// Decides which of several beats may send: at most one holds the lock at any moment.
///
/// A store (``BeatStore``) does not trust it blindly. Each lease has a fencing number, larger than that of all leases
/// before it, and the store refuses the holder of an older one, however long it had been asleep.
package protocol BeatLock: Sendable {
    /// Tries to take the lock, without waiting for it.
    func acquire() async throws -> BeatLockAttempt

    /// Holds on to the lock; nil when it has been lost.
    func renew(_ lease: BeatLease) async throws -> BeatLease?

    /// Lets go, so that another need not wait for the end of the lease.
    func release(_ lease: BeatLease) async
}

/// What an attempt to take the lock came to.
package enum BeatLockAttempt: Sendable {
    case held(BeatLease)
    /// Somebody else has it; worth trying again after that time, or when told to.
    case taken(retryAfter: Duration)
}

/// The right to send, for a while.
package struct BeatLease: Sendable, Hashable {
    /// Who holds it; unique to this process.
    package var token: String
    /// Grows from lease to lease.
    package var fence: Int
    /// Nobody else has the lock before this time. Counted from before the request, so it errs on the safe side.
    package var validUntil: ContinuousClock.Instant

    package init(token: String, fence: Int, validUntil: ContinuousClock.Instant) {
        self.token = token
        self.fence = fence
        self.validUntil = validUntil
    }
}
