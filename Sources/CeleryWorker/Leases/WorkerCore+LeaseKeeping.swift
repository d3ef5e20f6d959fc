import CeleryProtocol
import Connections
import Logging
import Synchronization

/// What a worker does for leases beside running tasks: it renews its own, and looks for those that have lapsed.
extension WorkerCore {
    /// Renews leases and looks for lapsed ones, until it is cancelled.
    func keepLeases() async {
        guard let leases else { return warnOfMissingLeases() }
        await withTaskGroup { group in
            group.addTask { await self.repeatedly(every: leases.duration / 3) { await self.renewAll(leases) } }
            group.addTask {
                var patience = MonotonicTime(nanoseconds: 0)
                await self.repeatedly(every: self.configuration.worker.leaseCheck) {
                    await self.moveLapsed(leases, &patience)
                }
            }
        }
    }

    private func repeatedly(every interval: Duration, _ body: () async -> Void) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            await body()
        }
    }

    private func warnOfMissingLeases() {
        let names = Set(lanes.flatMap { $0.tasks.values.filter(\.rules.isLeased).map(\.task.name) }).sorted()
        guard !names.isEmpty else { return }
        logger.warning(
            "leases need Redis as the result backend; without it the messages of \(names.joined(separator: ", ")) stay unacknowledged while they run"
        )
    }

    // MARK: Renewing

    private func renewAll(_ leases: LeaseStore) async {
        let runs = running.all.filter { $0.delivery.hold?.isHeld == true }
        await withTaskGroup { group in
            for run in runs {
                guard let hold = run.delivery.hold else { continue }
                group.addTask { await self.renew(hold, run, leases) }
            }
        }
    }

    /// A Redis that does not answer is no reason to stop: while it is away, nobody can take the lease.
    private func renew(_ hold: LeaseHold, _ run: TaskRun, _ leases: LeaseStore) async {
        do {
            switch try await leases.renew(hold) {
            case .renewed: return
            case .lost: loseLease(run)
            case .unknown:
                logger.warning("Redis has lost the lease of \(run.message.label); putting it back")
                guard hold.isHeld else { return }
                if try await !leases.restore(hold, LeaseStore.Message(run), worker: nodename) { loseLease(run) }
            }
        } catch {
            logger.warning("renewing the lease of \(run.message.label): \(error); trying again")
        }
    }

    // MARK: Watching

    /// Enqueues again what workers have left behind that died, hang, or are cut off.
    ///
    /// - Parameter patience: Until then nothing is taken away: Redis was gone, so nobody could renew, and every lease
    ///   would seem to have lapsed. Its holders get the time of one lease to come back.
    private func moveLapsed(_ leases: LeaseStore, _ patience: inout MonotonicTime) async {
        // Others see to it; this worker's publisher is about to close.
        guard !isDraining.load(ordering: .relaxed) else { return }
        for lane in consumedLanes where lane.hasLeases {
            let (queue, asked) = (lane.queue.name, MonotonicTime.now)
            do {
                let entries = try await leases.due(queue)
                let now = MonotonicTime.now
                // The client waits for a Redis that is away; so long an answer took only then.
                if now.nanoseconds(since: asked) > min(leases.duration / 4, .seconds(1)).nanoseconds {
                    patience = now.advanced(by: leases.duration)
                }
                guard now >= patience else { continue }
                for entry in entries { try await move(entry, queue, leases) }
            } catch {
                patience = MonotonicTime.now.advanced(by: leases.duration)
                logger.warning("looking for lapsed leases of queue \(queue): \(error); trying again")
            }
        }
    }

    private func move(_ entry: LeaseStore.Entry, _ queue: String, _ leases: LeaseStore) async throws {
        let claim = try await leases.claimLapsed(entry)
        switch claim {
        case .claimed(_, let starts, _, let worker):
            try await requeue(claim, entry, queue, leases)
            logger.warning(
                "the lease of task \(entry.taskID) has lapsed (\(worker), start \(starts)); its message goes back to queue \(queue)"
            )
        case .notLapsed(let expiry): try await leases.postpone(entry, queue, until: expiry)
        case .nothing: try await leases.unlist(entry, queue)
        }
    }
}
