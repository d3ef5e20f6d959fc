import CeleryProtocol
import Connections
import Logging

/// One term of leadership: when each entry ran last and runs next.
struct BeatTerm: Sendable {
    private struct Item {
        let entry: BeatEntry
        var last: Timestamp
        var next: Timestamp?
        /// A run that was begun and not confirmed; no other is begun before it is sent.
        var pending: Timestamp?
        /// Pending runs are not sent again before that.
        var retryAt: ContinuousClock.Instant?
        var failures = 0
    }

    private let beat: Beat
    private let keeper: LeaseKeeper
    private var items: [Item] = []

    /// Begins a term: takes over what the store remembers. Entries it does not know count from now on.
    init(_ beat: Beat, _ keeper: LeaseKeeper, known: BeatMemory) async throws {
        self.beat = beat
        self.keeper = keeper
        let memory = try await beat.store.begin(keeper.lease)
        for entry in beat.settings.entries {
            guard entry.isEnabled else {
                if memory.last[entry.name] != nil { try await beat.store.forget(entry.name, lease: keeper.lease) }
                continue
            }
            let stored = memory.last[entry.name] ?? known.last[entry.name]
            let last: Timestamp
            if let stored, stored.fingerprint == entry.fingerprint { last = stored.time } else { last = Self.now }
            if memory.last[entry.name]?.fingerprint != entry.fingerprint {
                try await reset(entry, to: last)
            }
            var item = Item(entry: entry, last: last, pending: memory.pending[entry.name])
            item.next = entry.schedule.next(after: last, anchor: last, in: entry.zone)
            items.append(item)
        }
    }

    /// Last runs by entry.
    var lastRuns: [String: BeatMemory.Run] {
        Dictionary(
            items.map { ($0.entry.name, BeatMemory.Run(time: $0.last, fingerprint: $0.entry.fingerprint)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Sends what is due now.
    ///
    /// - Returns: How long there is nothing to do.
    /// - Throws: `BeatError.fenced`, or what keeps the store from answering.
    mutating func tick() async throws -> Duration {
        let now = Self.now
        var jobs: [Int: [Timestamp]] = [:]
        for index in items.indices {
            if items[index].entry.isFromWrongClock(items[index].last, now: now) { try await restart(index, now) }
            if let runs = due(index, now) { jobs[index] = runs }
        }
        try await send(jobs)
        return pause()
    }

    /// The runs to send of one entry; nil when nothing is to be done.
    private mutating func due(_ index: Int, _ now: Timestamp) -> [Timestamp]? {
        let item = items[index]
        if item.pending != nil { return (item.retryAt ?? .now) <= .now ? [] : nil }
        guard let next = item.next, next <= now else { return nil }
        let due = DueRuns(
            of: item.entry,
            last: item.last,
            now: now,
            grace: beat.settings.lockTTL * 2,
            deadline: beat.settings.cronStartingDeadline
        )
        if due.dropped > 0 {
            beat.logger.notice("Scheduler: \(item.entry.name) missed runs up to \(due.last); sending \(due.runs.count)")
        }
        items[index].last = due.last
        items[index].next = due.next
        return due.runs.isEmpty ? nil : due.runs
    }

    private mutating func send(_ jobs: [Int: [Timestamp]]) async throws {
        guard !jobs.isEmpty else { return }
        try await withThrowingTaskGroup(of: (Int, Timestamp?).self) { group in
            for (index, runs) in jobs {
                let item = items[index]
                group.addTask { [beat, keeper] in
                    let job = BeatJob(beat: beat, keeper: keeper, entry: item.entry)
                    return (index, try await job.send(runs, pending: item.pending))
                }
            }
            for try await (index, pending) in group { note(index, pending) }
        }
    }

    /// - Parameter pending: The run that could not be sent, if any. Later ones are then due again, as missed ones.
    private mutating func note(_ index: Int, _ pending: Timestamp?) {
        items[index].pending = pending
        guard let pending else {
            items[index].failures = 0
            items[index].retryAt = nil
            return
        }
        items[index].failures += 1
        items[index].retryAt = .now + .seconds(min(30, 1 << min(5, items[index].failures - 1)))
        items[index].last = pending
        let entry = items[index].entry
        items[index].next = entry.schedule.next(after: pending, anchor: pending, in: entry.zone)
    }

    private func pause() -> Duration {
        let now = Self.now
        let instant = ContinuousClock.now
        let pauses = items.compactMap { item -> Duration? in
            if item.pending != nil { return (item.retryAt ?? instant) - instant }
            return item.next.map { .microseconds($0.microsecondsSince1970 - now.microsecondsSince1970) }
        }
        return max(.zero, pauses.min() ?? .seconds(3600))
    }

    private mutating func restart(_ index: Int, _ now: Timestamp) async throws {
        let entry = items[index].entry
        beat.logger.warning(
            "Scheduler: \(entry.name) ran last at \(items[index].last), which is still to come; counting from now on"
        )
        try await reset(entry, to: now)
        items[index].last = now
        items[index].next = entry.schedule.next(after: now, anchor: now, in: entry.zone)
    }

    private func reset(_ entry: BeatEntry, to time: Timestamp) async throws {
        try await beat.store.reset(entry.name, to: time, fingerprint: entry.fingerprint, lease: keeper.lease)
    }

    private static var now: Timestamp { Timestamp(microsecondsSince1970: WallClock.microseconds) }
}
