import CeleryProtocol
import CeleryWorker
import Foundation
import Logging
import OrderedCollections
import Synchronization

/// Brings what workers and senders tell into the history and the fleet, and tells pages that there is something new.
///
/// Nothing gets lost in silence: while the history is slow, nothing is read and the events wait in the broker; what
/// could not be heard or kept is counted, or noted as a gap.
final class EventFeed: Sendable {
    /// How long events wait in the broker while they are not read.
    private static let patience = Duration.seconds(60)
    /// Between two batches, so that one batch holds much of what happens to one task: longer where much happens.
    private static let (pause, longPause) = (Duration.milliseconds(250), Duration.milliseconds(500))
    private static let muchAtOnce = 1000
    /// How often `enable_events` is sent; as often as Flower does (`flower/events.py`).
    private static let enableInterval = Duration.seconds(5)

    private let celery: Celery
    private let history: History
    private let fleet: Fleet
    private let taps: [any EventTap]
    private let changes: ChangeHub
    private let settings: MonitorSettings
    private let logger: Logger
    private let standby = Mutex(StandbyEvents())
    /// When it was last noted that events came too late.
    private let lateness = Mutex(0.0)
    /// When events began to come; nil: they do not.
    private let listening = Mutex<Double?>(nil)

    init(
        celery: Celery,
        history: History,
        fleet: Fleet,
        taps: [any EventTap] = [],
        changes: ChangeHub,
        settings: MonitorSettings,
        logger: Logger
    ) {
        self.celery = celery
        self.history = history
        self.fleet = fleet
        self.taps = taps
        self.changes = changes
        self.settings = settings
        self.logger = logger
    }

    /// Ends when the task is cancelled.
    func run() async {
        fleet.deafen()
        do { fleet.restore(try await history.knownWorkers()) } catch { logger.error("reading the workers: \(error)") }
        let watch = FleetWatch(history: history, fleet: fleet, changes: changes, settings: settings, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.celery.listen(patience: Self.patience, maxEvents: 10_000) { await self.take($0) }
            }
            group.addTask { await watch.run() }
            group.addTask { await self.standBy() }
            group.addTask { await HistoryKeeper(history: self.history, logger: self.logger).run() }
            if settings.enablesEvents { group.addTask { await self.enableEvents() } }
        }
    }

    // MARK: Events

    private func take(_ batch: EventInbox.Batch) async {
        for note in batch.notes { await take(note) }
        if batch.dropped > 0 {
            history.drop(batch.dropped)
            logger.error("\(batch.dropped) events came faster than they could be written and are lost")
        }
        if batch.unreadable > 0 { history.drop(batch.unreadable) }
        guard !batch.events.isEmpty else { return }
        let now = Date().timeIntervalSince1970
        await noteLateness(batch, now)
        fleet.hear(batch.events, now: now)
        for tap in taps { tap.observe(batch.events) }
        if history.isWriter {
            await write(batch.events, now)
        } else {
            standby.withLock { $0.add(batch.events, now: now) }
        }
        changes.announce(.workers)
        changes.announce(.tasks)
        try? await Task.sleep(for: batch.events.count < Self.muchAtOnce ? Self.pause : Self.longPause)
    }

    /// Tries until it is done: on a full disk until there is room again.
    private func write(_ events: [CeleryMap], _ now: Double) async {
        // Meanwhile no heartbeat is heard either, and nobody must die of that.
        let isSlow = Task { [fleet] in
            try await Task.sleep(for: .seconds(1))
            fleet.deafen()
        }
        defer {
            isSlow.cancel()
            if listening.withLock({ $0 != nil }) { fleet.listen() }
        }
        while !Task.isCancelled {
            do {
                fleet.count(try await history.add(events, now: now).counts)
                try await history.listened(until: now)
                return
            } catch {
                changes.announce(.alerts)
                try? await Task.sleep(for: .seconds(1))
            }
        }
        history.drop(events.count)
    }

    // MARK: Gaps

    private func take(_ note: EventInbox.Note) async {
        switch note {
        case .connected(let time):
            let since = try? await history.listenedUntil()
            let began = listening.withLock { began in
                defer { began = time }
                return began
            }
            fleet.listen()
            guard began == nil, let since, time - since > 3 else { return }
            await add(ListeningGap(from: since, to: time, reason: "the monitor was not running or not connected"))
        case .lost(let time, let reason):
            fleet.deafen()
            listening.withLock { $0 = nil }
            do { try await history.listened(until: time) } catch { logger.debug("\(error)") }
            logger.warning("no events are heard: \(reason)")
        case .paused(let from, let to):
            guard to - from > Double(Self.patience.components.seconds) else { return }
            await add(ListeningGap(from: from, to: to, reason: "the history could not be written quickly enough"))
        }
    }

    /// What waited in the broker for nearly as long as events may wait there was not all that waited.
    private func noteLateness(_ batch: EventInbox.Batch, _ now: Double) async {
        let patience = Double(Self.patience.components.seconds)
        let hasPaused = batch.notes.contains { if case .paused = $0 { true } else { false } }
        guard hasPaused, let newest = batch.events.lazy.compactMap({ $0["timestamp"]?.doubleValue }).max(),
            now - newest > patience - 5, now - lateness.withLock({ $0 }) > patience
        else { return }
        lateness.withLock { $0 = now }
        let reason = "events came faster than they could be written, and those that waited in the broker for longer "
        await add(ListeningGap(from: now - patience, to: now, reason: reason + "than a minute are lost"))
    }

    private func add(_ gap: ListeningGap) async {
        guard history.isWriter else { return }
        logger.warning("nobody listened for \(Int(gap.to - gap.from)) s: \(gap.reason)")
        do { try await history.add(gap) } catch { logger.error("\(error)") }
    }

    // MARK: Several monitors

    /// Takes the writing over when the process that did it has ended, with the events of its last seconds.
    private func standBy() async {
        while !Task.isCancelled {
            do {
                if try history.takeOver() {
                    logger.notice("this monitor writes the history from now on")
                    let events = standby.withLock { $0.takeAll() }
                    if let since = try await history.listenedUntil(),
                        let first = events.first?.time ?? listening.withLock({ $0 }),
                        first - since > 3
                    {
                        await add(ListeningGap(from: since, to: first, reason: "no monitor was running"))
                    }
                    for (time, events) in events { await write(events, time) }
                } else if history.isWriter {
                    // Where nothing happens there is nothing to miss.
                    let now = Date().timeIntervalSince1970
                    if listening.withLock({ $0 != nil }) { try await history.listened(until: now) }
                } else {
                    fleet.recount(try await history.counts())
                }
            } catch {
                logger.error("\(error)")
            }
            try? await Task.sleep(for: .seconds(2))
        }
    }

    private func enableEvents() async {
        while !Task.isCancelled {
            if history.isWriter {
                do {
                    try await celery.control.broadcast("enable_events")
                } catch {
                    logger.debug("asking workers for events: \(error)")
                }
            }
            try? await Task.sleep(for: Self.enableInterval)
        }
    }
}

/// The events of the last seconds, in a process that does not write: the writer may have died before it wrote them.
struct StandbyEvents {
    private static let seconds = 15.0
    private static let maxEvents = 100_000

    private var batches: [(time: Double, events: [CeleryMap])] = []
    private var count = 0

    mutating func add(_ events: [CeleryMap], now: Double) {
        batches.append((now, events))
        count += events.count
        while let first = batches.first, first.time < now - Self.seconds || count > Self.maxEvents, batches.count > 1 {
            count -= first.events.count
            batches.removeFirst()
        }
    }

    mutating func takeAll() -> [(time: Double, events: [CeleryMap])] {
        defer { (batches, count) = ([], 0) }
        return batches
    }
}
