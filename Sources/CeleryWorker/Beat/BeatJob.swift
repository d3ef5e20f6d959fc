import CeleryProtocol
import Logging

/// Sends due runs of one entry, one after the other.
struct BeatJob: Sendable {
    let beat: Beat
    let keeper: LeaseKeeper
    let entry: BeatEntry

    /// Claims and publishes each run; before them, without a claim, the one that is still pending.
    ///
    /// - Returns: The run that could not be published, and so is still pending; nil when all were.
    /// - Throws: `BeatError.fenced`, or what keeps the store from answering.
    func send(_ runs: [Timestamp], pending: Timestamp?) async throws -> Timestamp? {
        if let pending, try await !publish(pending, isAgain: true) { return pending }
        for run in runs {
            try keeper.checkHeld()
            let isOurs = try await beat.store.claim(
                entry.name,
                at: run,
                fingerprint: entry.fingerprint,
                lease: keeper.lease
            )
            guard isOurs else { continue }
            if try await !publish(run, isAgain: false) { return run }
        }
        return nil
    }

    private func publish(_ run: Timestamp, isAgain: Bool) async throws -> Bool {
        // Claimed and then put to sleep for long: the next leader has sent it.
        try keeper.checkHeld()
        beat.logger.info("Scheduler: Sending due task \(entry.name) (\(entry.task))")
        do {
            let id = try await beat.sender.send(entry, at: run, isAgain: isAgain)
            beat.logger.debug("\(entry.task) sent. id->\(id)")
        } catch {
            beat.logger.error("Scheduler: \(entry.name) could not be sent and will be sent again: \(error)")
            return false
        }
        try await beat.store.confirm(entry.name, at: run)
        return true
    }
}
