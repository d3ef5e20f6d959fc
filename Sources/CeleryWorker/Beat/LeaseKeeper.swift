import Logging
import Synchronization

/// Renews a lease at a third of its time, and knows at every moment whether it still holds.
final class LeaseKeeper: Sendable {
    private let lock: any BeatLock
    private let logger: Logger
    private let state: Mutex<(lease: BeatLease, isLost: Bool)>

    init(_ lease: BeatLease, lock: any BeatLock, logger: Logger) {
        self.lock = lock
        self.logger = logger
        state = Mutex((lease, false))
    }

    var lease: BeatLease { state.withLock { $0.lease } }

    /// A process that was stopped finds its lease run out when it wakes, before it has asked anybody.
    var isHeld: Bool { state.withLock { !$0.isLost && ContinuousClock.now < $0.lease.validUntil } }

    func checkHeld() throws(BeatError) {
        guard isHeld else { throw .fenced }
    }

    func lose() { state.withLock { $0.isLost = true } }

    /// Renews until the lease is lost or the task is cancelled.
    func run(every interval: Duration) async {
        var pause = interval
        while isHeld, (try? await Task.sleep(for: pause)) != nil {
            do {
                guard let renewed = try await lock.renew(lease) else { return lose() }
                state.withLock { $0.lease = renewed }
                pause = interval
            } catch {
                logger.warning("beat: Cannot renew the lock, trying again: \(error)")
                pause = min(interval, .milliseconds(250))
            }
        }
    }
}
