import Foundation
import Logging

/// Looks after the workers: writes them down, forgets the long dead, and marks the tasks of those that are gone.
struct FleetWatch: Sendable {
    /// So long after the start workers that had tasks may still show that they are there; seconds.
    private static let patience = 60.0

    /// How often workers are written down; what a killed monitor loses of it is when they were heard of last.
    private static let writeInterval = 20.0

    let history: History
    let fleet: Fleet
    let changes: ChangeHub
    let settings: MonitorSettings
    let logger: Logger

    func run() async {
        let began = Date().timeIntervalSince1970
        var (hasLookedBack, written) = (false, began)
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(2))
            do {
                if try await takeChanges() { changes.announce(.workers) }
                guard history.isWriter else { continue }
                let now = Date().timeIntervalSince1970
                if now - written > Self.writeInterval {
                    try await history.remember(fleet.touched())
                    written = now
                }
                let age = Double(settings.forgetWorkersAfter.components.seconds)
                try await history.forget(fleet.forget(silentFor: age))
                if !hasLookedBack, now > began + Self.patience {
                    try await lookBack(began)
                    hasLookedBack = true
                }
            } catch {
                logger.debug("looking after the workers: \(error)")
            }
        }
    }

    private func takeChanges() async throws -> Bool {
        let all = fleet.changes()
        var idle: [String: Double] = [:]
        for (worker, change) in all {
            switch change {
            case .gone: try await history.loseSight(of: worker, before: .greatestFiniteMagnitude)
            case .restarted(let time): try await history.loseSight(of: worker, before: time)
            case .back: try await history.regainSight(of: worker)
            case .idle(let time): idle[worker] = time
            }
        }
        // It may have told of a start just after it had counted.
        for (worker, time) in idle { try await history.loseSight(of: worker, before: time - 10, startedOnly: true) }
        return all.contains { if case .idle = $0.change { false } else { true } }
    }

    /// Tasks of workers that went while nobody listened.
    private func lookBack(_ began: Double) async throws {
        for worker in try await history.busyWorkers() where fleet.worker(worker)?.isAlive != true {
            try await history.loseSight(of: worker, before: began)
        }
    }
}
