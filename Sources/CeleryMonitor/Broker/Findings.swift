import CeleryProtocol
import CeleryWorker
import Foundation
import Synchronization

/// Gathers what the sources say, and keeps the findings for a moment, so that many who look cost no more than one.
final class FindingsKeeper: Sendable {
    private struct State {
        var findings: [Finding] = []
        var time = 0.0
        var work: Task<[Finding], Never>?
        var before: [String: Situation.Progress] = [:]
        var beforeTime = 0.0
        var deadBefore: [String: Int] = [:]
        var deadTime = 0.0
        var endedSilently: [Situation.Disagreement] = []
        var endedTime = 0.0
    }

    /// Seconds.
    private static let age = 4.0
    private let state = Mutex(State())

    func findings(_ monitor: Monitor) async -> [Finding] {
        let now = Date().timeIntervalSince1970
        let work = state.withLock { state -> Task<[Finding], Never>? in
            if now - state.time < Self.age { return nil }
            if let running = state.work { return running }
            let new = Task { await self.renew(monitor) }
            state.work = new
            return new
        }
        return await work?.value ?? state.withLock { $0.findings }
    }

    private func renew(_ monitor: Monitor) async -> [Finding] {
        let findings = FindingRules.findings(await situation(monitor))
        let now = Date().timeIntervalSince1970
        state.withLock { state in
            state.findings = findings
            state.time = now
            state.work = nil
        }
        return findings
    }

    private func situation(_ monitor: Monitor) async -> Situation {
        var situation = Situation(now: Date().timeIntervalSince1970)
        situation.broker = monitor.broker.picture
        situation.workers = monitor.fleet.workers
        situation.reports = monitor.inspector.known(age: 30)
        situation.surveyed = monitor.inspector.surveyed
        situation.paused = monitor.broker.paused.all
        situation.deadBefore = await deadLettersBefore(monitor, situation.now)
        situation.before = progressBefore(situation)
        situation.gaps = (try? await monitor.history.gaps(from: situation.now - 3600, to: situation.now)) ?? []
        situation.endedSilently = await endedSilently(monitor, situation.now)
        return situation
    }

    /// What was counted the last time that half a minute had passed.
    private func progressBefore(_ situation: Situation) -> [String: Situation.Progress] {
        state.withLock { state in
            let before = state.before
            if situation.now - state.beforeTime >= 30 {
                state.beforeTime = situation.now
                state.before = situation.workers.reduce(into: [:]) { all, worker in
                    guard worker.isAlive, let processed = worker.processed else { return }
                    all[worker.name] = .init(processed: processed, events: worker.taskEvents)
                }
            }
            return before
        }
    }

    private func deadLettersBefore(_ monitor: Monitor, _ now: Double) async -> [String: Int] {
        let known = state.withLock { now - $0.deadTime < 15 ? $0.deadBefore : nil }
        if let known { return known }
        var before: [String: Int] = [:]
        for queue in monitor.broker.picture.queues where queue.isDeadLetters {
            let samples = try? await monitor.history.depths(from: now - 600, to: now, step: 30, queue: queue.name)
            if let first = samples?.first { before[queue.name] = first.ready }
        }
        state.withLock { [before] state in
            state.deadBefore = before
            state.deadTime = now
        }
        return before
    }

    /// Asks the result store about a few tasks that are said to run and have told nothing for a minute.
    private func endedSilently(_ monitor: Monitor, _ now: Double) async -> [Situation.Disagreement] {
        let known = state.withLock { now - $0.endedTime < 60 ? $0.endedSilently : nil }
        if let known { return known }
        var filter = TaskFilter(states: ["STARTED", "RECEIVED"])
        filter.order = .timestamp
        let page = try? await monitor.history.tasks(filter, after: nil, limit: 50)
        var found: [Situation.Disagreement] = []
        for task in page?.tasks ?? [] where now - task.timestamp > 60 && found.count < 10 {
            guard let meta = try? await monitor.celery.result(task.id).meta(), meta.status.isReady else { continue }
            found.append(.init(id: task.id, state: task.state, stored: meta.status.rawValue))
        }
        state.withLock { [found] state in
            state.endedSilently = found
            state.endedTime = now
        }
        return found
    }
}

/// Where the sources disagree now, the gravest first; of the last seconds.
func findings(_ monitor: Monitor) async -> [Finding] {
    (monitor.history.findings + (await monitor.broker.findings.findings(monitor))).sorted { $0.severity > $1.severity }
}
