import Connections
import DequeModule
import Foundation
import Synchronization

/// The threads that run tasks.
///
/// One runner takes what piled up and runs task after task within one Swift task (`Task.immediate`), so that a body
/// which never suspends costs no scheduling and no allocation. The first that suspends keeps that Swift task for itself
/// (see `RunnerTask`), and the thread begins another for the rest. It continues on the pool's threads too, which are
/// the preferred executor, so user code never occupies Swift's shared threads, where control replies and the monitor
/// live. While a body burns or blocks its thread, another runner is added for the rest (see `relieve`); a surplus one
/// parks again.
final class RunnerPool: TaskExecutor, Sendable {
    /// Runs one delivery, from its admission to its settlement.
    typealias Handler = @Sendable (_ entry: PriorityDispatch.Entry, _ lane: Int, _ task: RunnerTask) async -> Void

    private enum Work {
        case job(UnownedJob)
        case delivery(PriorityDispatch.Entry, lane: Int)
    }

    private struct State {
        var dispatch: PriorityDispatch
        var jobs: Deque<UnownedJob> = []
        var parked: [Runner] = []
        var runnerCount = 0
        /// How much work was handed out so far; standing still while work waits means that every runner is held up.
        var handedOut = 0
        var handedOutAtLastLook = 0
        var isStopped = false

        var hasWork: Bool { !jobs.isEmpty || dispatch.hasNext }
        var activeCount: Int { runnerCount - parked.count }
    }

    /// A thread of the pool.
    private final class Runner: Sendable {
        let bell = DispatchSemaphore(value: 0)
    }

    private let state: Mutex<State>
    private let maxRunners: Atomic<Int>
    private let hooks = Mutex<Hooks?>(nil)

    /// - Parameters:
    ///   - lanes: Priority and slots of each queue.
    ///   - totalSlots: How many tasks may run at once in all; nil for as many as the lanes allow.
    ///   - maxRunners: How many threads there may be; beyond that, blocked bodies hold up the others.
    init(lanes: [(priority: Int, slots: Int)], totalSlots: Int?, maxRunners: Int) {
        state = Mutex(State(dispatch: PriorityDispatch(lanes: lanes, totalSlots: totalSlots)))
        self.maxRunners = Atomic(max(2, maxRunners))
    }

    private struct Hooks: Sendable {
        var handle: Handler
        var idle: @Sendable () -> Void
    }

    /// Says how a delivery is handled, and what a runner does before it parks; to be called once, before the first
    /// delivery.
    func connect(handle: @escaping Handler, idle: @escaping @Sendable () -> Void) {
        hooks.withLock { $0 = Hooks(handle: handle, idle: idle) }
    }

    // MARK: From the connection

    /// Takes over the deliveries of one read, but for those of some lanes.
    func push(_ batch: AMQPDeliveryBatch, lanes: [Lane], without: Set<Int> = []) {
        wakeOne { state in
            for index in batch.deliveries.indices {
                guard let lane = Lane.index(ofChannel: batch.deliveries[index].channel), lane < lanes.count else {
                    continue
                }
                guard without.isEmpty || !without.contains(lane) else { continue }
                let epoch = lanes[lane].epoch.load(ordering: .relaxed)
                state.dispatch.add(PriorityDispatch.Entry(batch: batch, index: index, epoch: epoch), lane: lane)
            }
        }
    }

    /// Puts one delivery (back) among those that wait.
    func push(_ entry: PriorityDispatch.Entry, lane: Int) {
        wakeOne { $0.dispatch.add(entry, lane: lane) }
    }

    /// Takes out what has not started, of one lane or of all.
    func removeWaiting(lane: Int?) -> [(entry: PriorityDispatch.Entry, lane: Int)] {
        state.withLock { $0.dispatch.removeWaiting(lane: lane) }
    }

    /// See `PriorityDispatch.announceWaiting`.
    func announceWaiting(limit: Int) -> [(entry: PriorityDispatch.Entry, lane: Int)] {
        state.withLock { $0.dispatch.announceWaiting(limit: limit) }
    }

    /// What has not started.
    func waitingEntries(limit: Int) -> [(entry: PriorityDispatch.Entry, lane: Int)] {
        state.withLock { $0.dispatch.waitingEntries(limit: limit) }
    }

    /// A task has ended; its slot is free.
    func finished(lane: Int) {
        wakeOne { $0.dispatch.finished(lane: lane) }
    }

    /// Adds a runner if work waits and nothing was handed out since the last look. To be called every few milliseconds
    /// while anything is in flight.
    func relieve() {
        let wanted = state.withLock { state -> Wanted in
            let isStuck = state.handedOut == state.handedOutAtLastLook
            state.handedOutAtLastLook = state.handedOut
            guard isStuck, state.hasWork else { return .none }
            return want(&state)
        }
        satisfy(wanted)
    }

    /// Adds a runner for the rest at once: the caller is about to block its thread.
    func willBlock() {
        let wanted = state.withLock { state -> Wanted in
            state.hasWork && state.activeCount < 2 ? want(&state) : .none
        }
        satisfy(wanted)
    }

    /// Makes room for the deliveries of one queue more; its number is the next one.
    func addLane(priority: Int, slots: Int) {
        state.withLock { $0.dispatch.addLane(priority: priority, slots: slots) }
        allowRunners(forSlots: slots)
    }

    /// Changes how many tasks of each lane, and of all together, may run at once. What runs goes on.
    func setSlots(_ slots: [Int], total: Int?) {
        allowRunners(forSlots: 0, atLeast: slots.reduce(0, +))
        wakeOne { state in
            for (lane, count) in slots.enumerated() { state.dispatch.setSlots(count, lane: lane) }
            state.dispatch.setTotalSlots(total ?? .max)
        }
        relieve()
    }

    private func allowRunners(forSlots more: Int, atLeast slots: Int = 0) {
        let current = maxRunners.load(ordering: .relaxed)
        maxRunners.store(min(1024, max(current + more, slots + 4)), ordering: .relaxed)
    }

    var counts: (waiting: Int, running: Int, threads: Int) {
        state.withLock { ($0.dispatch.waitingCount, $0.dispatch.runningCount, $0.runnerCount) }
    }

    func waiting(lane: Int) -> Int { state.withLock { $0.dispatch.waiting(lane: lane) } }
    func running(lane: Int) -> Int { state.withLock { $0.dispatch.running(lane: lane) } }

    /// Lets the threads end once they have nothing to do, and lets go of what `connect` was given.
    func stop() {
        hooks.withLock { $0 = nil }
        let runners = state.withLock { state in
            state.isStopped = true
            defer { state.parked = [] }
            return state.parked
        }
        for runner in runners { runner.bell.signal() }
    }

    // MARK: TaskExecutor

    /// Takes a task that goes on after a suspension.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        wakeOne { $0.jobs.append(job) }
    }

    // MARK: Threads

    private enum Wanted {
        case none
        case parked(Runner)
        case new
    }

    private func want(_ state: inout State) -> Wanted {
        if let runner = state.parked.popLast() { return .parked(runner) }
        guard state.runnerCount < maxRunners.load(ordering: .relaxed) else { return .none }
        state.runnerCount += 1
        return .new
    }

    private func satisfy(_ wanted: Wanted) {
        switch wanted {
        case .none: break
        case .parked(let runner): runner.bell.signal()
        case .new: startThread()
        }
    }

    /// Changes the state and, if there is work now and nobody awake, wakes a runner.
    private func wakeOne(_ change: (inout State) -> Void) {
        let wanted = state.withLock { state -> Wanted in
            change(&state)
            guard state.activeCount == 0, state.hasWork else { return .none }
            return want(&state)
        }
        satisfy(wanted)
    }

    private func startThread() {
        let thread = Thread { [self] in
            ThreadName.set("chard-runner")
            run(Runner())
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func run(_ runner: Runner) {
        guard let hooks = hooks.withLock({ $0 }) else { return }
        var before = Int.max
        while let work = next(runner, before: &before, idle: hooks.idle) {
            switch work {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .delivery(let entry, let lane):
                let task = RunnerTask()
                let handle = Task.immediate(executorPreference: self) {
                    await handleAll(from: entry, lane, task, hooks.handle)
                }
                task.returned(handle)
            }
        }
    }

    /// Handles a delivery and those after it, until one suspends or none is left.
    private func handleAll(
        from entry: PriorityDispatch.Entry,
        _ lane: Int,
        _ task: RunnerTask,
        _ handle: Handler
    ) async {
        await handle(entry, lane, task)
        while !task.hasMoved, let (entry, lane) = nextDelivery() {
            await handle(entry, lane, task)
        }
        task.end()
    }

    /// The next delivery, unless a task wants to go on first or this runner is not needed for it.
    private func nextDelivery() -> (PriorityDispatch.Entry, Int)? {
        state.withLock { state in
            guard state.jobs.isEmpty, state.activeCount == 1, let next = state.dispatch.next() else { return nil }
            state.handedOut += 1
            return (next.entry, next.lane)
        }
    }

    /// The runner's next piece of work; parks while there is none. Nil when the pool has stopped.
    ///
    /// - Parameter before: The count of work handed out when the last piece was taken.
    private func next(_ runner: Runner, before: inout Int, idle: () -> Void) -> Work? {
        while true {
            let (work, isStopped) = state.withLock { state -> (Work?, Bool) in
                // Others got so much done meanwhile that one runner less does for what is left.
                let isSurplus = state.activeCount > 1 && before < state.handedOut - 64
                if !isSurplus, let work = take(&state) {
                    before = state.handedOut
                    return (work, false)
                }
                if state.isStopped { state.runnerCount -= 1 } else { state.parked.append(runner) }
                return (nil, state.isStopped)
            }
            if let work { return work }
            idle()
            if isStopped { return nil }
            runner.bell.wait()
            before = .max
        }
    }

    private func take(_ state: inout State) -> Work? {
        if let job = state.jobs.popFirst() {
            state.handedOut += 1
            return .job(job)
        }
        if let (entry, lane) = state.dispatch.next() {
            state.handedOut += 1
            return .delivery(entry, lane: lane)
        }
        return nil
    }
}
