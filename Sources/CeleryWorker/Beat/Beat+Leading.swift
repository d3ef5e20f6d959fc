import CeleryProtocol
import Connections
import Logging

/// What the beat that holds the lock does.
extension Beat {
    /// Sends what is due until the lease is lost or the task is cancelled; then lets go of the lock.
    ///
    /// - Parameter known: What this process remembers itself, for a Redis that has forgotten.
    /// - Returns: The same, brought up to date.
    func lead(_ lease: BeatLease, _ known: BeatMemory) async -> BeatMemory {
        logger.info("beat: Leading, with the fencing number \(lease.fence)")
        let keeper = LeaseKeeper(lease, lock: lock, logger: logger)
        let renewal = Task { await keeper.run(every: settings.lockTTL / 3) }
        let known = await sendWhileHeld(keeper, known)
        renewal.cancel()
        await renewal.value
        // Not cancelled with us: the others should not have to wait for the end of the lease.
        if keeper.isHeld { await Task { await lock.release(keeper.lease) }.value }
        return known
    }

    private func sendWhileHeld(_ keeper: LeaseKeeper, _ known: BeatMemory) async -> BeatMemory {
        var known = known
        var term: BeatTerm?
        while keeper.isHeld, !Task.isCancelled {
            var pause = Duration.seconds(1)
            do {
                var current: BeatTerm
                if let term {
                    current = term
                } else {
                    current = try await BeatTerm(self, keeper, known: known)
                }
                // What has begun is ended in order, even when the beat is told to stop meanwhile.
                (current, pause) = try await Task { [current] in
                    var next = current
                    let pause = try await next.tick()
                    return (next, pause)
                }.value
                known.last = current.lastRuns
                term = current
            } catch BeatError.fenced {
                keeper.lose()
                break
            } catch {
                // Whether the last step was carried out is unknown, so the store is asked anew.
                term = nil
                if !Task.isCancelled { logger.error("beat: Cannot go on, trying again: \(error)") }
            }
            try? await Task.sleep(for: min(pause, maxInterval))
        }
        if !Task.isCancelled { logger.warning("beat: The lock is lost; sending nothing more until it is regained") }
        return known
    }
}
