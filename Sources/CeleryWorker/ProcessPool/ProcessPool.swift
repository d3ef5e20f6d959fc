import CeleryProtocol
import Connections
import DequeModule
import Foundation
import Logging
import Synchronization

/// The child processes of a worker, for tasks that say `pool: .processes`.
///
/// A child is made when a run finds none free and there are fewer than the limit, so a worker without such tasks has
/// none. Children run the same executable with the same arguments: they register the same tasks, and then take jobs
/// instead of messages (`PoolServer`).
final class ProcessPool: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<PoolChild?, Never>
    }

    private struct State {
        var limit: Int
        var children: [PoolChild] = []
        var idle: [PoolChild] = []
        var waiters: Deque<Waiter> = []
        var nextWaiter: UInt64 = 0
        var nextJob: UInt32 = 0
        var nextNumber = 0
        /// Children up to this number are replaced when they are idle.
        var oldNumber = 0
        var isStopped = false
        /// How many children in a row ended before they took jobs.
        var failedStarts = 0
        /// Before that none is started.
        var nextStart = MonotonicTime(nanoseconds: 0)
        var counts = ProcessPoolCounts()
    }

    let maxTasksPerChild: Int?
    /// In KiB.
    let maxMemoryPerChild: Int?
    let logger: Logger
    /// How many children there may be by the settings.
    let initialLimit: Int
    private let state: Mutex<State>

    init(_ settings: WorkerSettings, logger: Logger) {
        maxTasksPerChild = settings.maxTasksPerChild
        maxMemoryPerChild = settings.maxMemoryPerChild
        self.logger = logger
        initialLimit = settings.processes ?? ProcessInfo.processInfo.activeProcessorCount
        state = Mutex(State(limit: initialLimit))
    }

    // MARK: Runs

    /// The number of the next job; counts from 1.
    func takeJobNumber() -> UInt32 {
        state.withLock { state in
            state.nextJob &+= 1
            return state.nextJob
        }
    }

    /// A child for one run, as soon as one is free; nil when the pool ends or the Swift task is cancelled first.
    func acquire() async -> PoolChild? {
        let (child, id) = state.withLock { state -> (PoolChild?, UInt64) in
            state.nextWaiter += 1
            return (state.waiters.isEmpty ? takeFree(&state) : nil, state.nextWaiter)
        }
        if let child { return child }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiters.append(Waiter(id: id, continuation: continuation)) }
                if Task.isCancelled { forget(id) }
                serveWaiters()
            }
        } onCancel: {
            forget(id)
        }
    }

    private func forget(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    /// A free child, or a new one.
    private func takeFree(_ state: inout State) -> PoolChild? {
        guard !state.isStopped else { return nil }
        if let child = state.idle.popLast() { return child }
        guard state.children.count < state.limit, MonotonicTime.now >= state.nextStart else { return nil }
        return makeChild(&state)
    }

    /// Hands out free children to those who wait longest.
    private func serveWaiters() {
        while true {
            let (waiter, child, isOver) = state.withLock { state -> (Waiter?, PoolChild?, Bool) in
                guard !state.waiters.isEmpty else { return (nil, nil, true) }
                if state.isStopped { return (state.waiters.popFirst(), nil, false) }
                guard let child = takeFree(&state) else { return (nil, nil, true) }
                return (state.waiters.popFirst(), child, false)
            }
            if isOver { return }
            waiter?.continuation.resume(returning: child)
        }
    }

    // MARK: Children

    private func makeChild(_ state: inout State) -> PoolChild? {
        state.nextNumber += 1
        do throws(ProcessError) {
            let child = try PoolChild(number: state.nextNumber)
            state.children.append(child)
            state.counts.started += 1
            child.start(request(number: child.number), callbacks)
            watchStart(of: child)
            return child
        } catch {
            logger.error("starting a child process: \(error); trying again in a second")
            postpone(&state, .seconds(1))
            return nil
        }
    }

    private func request(number: Int) -> SpawnRequest {
        var environment = ProcessInfo.processInfo.environment
        let membership = PoolMembership(parent: ProcessInfo.processInfo.processIdentifier, number: number)
        environment[PoolMembership.variable] = membership.text
        var request = SpawnRequest.itself(arguments: CommandLine.arguments, environment: environment)
        request.ignoresTermination = true
        return request
    }

    private var callbacks: PoolChild.Callbacks {
        PoolChild.Callbacks(
            onReady: { [self] in state.withLock { $0.failedStarts = 0 } },
            onAnswer: { [self] in release($0) },
            onEnd: { [self] in ended($0, $1) }
        )
    }

    /// A program that never comes to run its worker, as a child, must not keep a run waiting for ever.
    private func watchStart(of child: PoolChild) {
        Task { [logger] in
            try? await Task.sleep(for: Self.startLimit)
            guard !child.isReady else { return }
            logger.error("PoolWorker-\(child.number) did not start to serve within \(Self.startLimit.secondsText) s")
            child.kill()
        }
    }

    private static let startLimit = Duration.seconds(60)

    /// A child has ended its job: it gets the next, waits, or is replaced.
    func release(_ child: PoolChild) {
        let isUsedUp = isUsedUp(child) || state.withLock { child.number <= $0.oldNumber }
        let isKept = state.withLock { state in
            if !isUsedUp, !child.isDoomed, !state.isStopped, state.children.count <= state.limit {
                state.idle.append(child)
                return true
            }
            remove(child, &state)
            if isUsedUp {
                state.counts.recycled += 1
                if let new = takeFree(&state) { state.idle.append(new) }
            }
            return false
        }
        if !isKept { child.retire() }
        serveWaiters()
    }

    private func isUsedUp(_ child: PoolChild) -> Bool {
        if let limit = maxTasksPerChild, child.jobsDone >= limit { return true }
        guard let limit = maxMemoryPerChild, let pid = child.processID,
            let used = ChildProcess.residentKiB(of: pid), used > limit
        else { return false }
        // billiard/pool.py, MAXMEM_USED_FMT
        logger.warning("child process exiting after exceeding memory limit (\(used)KiB / \(limit)KiB)")
        return true
    }

    private func ended(_ child: PoolChild, _ end: FramedChild.End) {
        let wasReady = child.isReady
        state.withLock { state in
            remove(child, &state)
            guard !state.isStopped else { return }
            if !wasReady {
                state.failedStarts += 1
                postpone(&state, .seconds(min(30, 1 << min(state.failedStarts - 1, 5))))
            } else if !child.isDoomed {
                state.counts.lost += 1
            }
        }
        if !child.isDoomed || !wasReady { logEnd(of: child, end, wasReady: wasReady) }
        serveWaiters()
    }

    private func logEnd(of child: PoolChild, _ end: FramedChild.End, wasReady: Bool) {
        guard !state.withLock({ $0.isStopped }) else { return }
        switch end {
        case .notStarted(let error):
            logger.error("\(error); the tasks for it wait")
        case .ended(let status):
            // billiard/pool.py, _join_exited_workers
            let pid = child.processID ?? 0
            let hint = wasReady ? "" : " before it took tasks; they wait until one does"
            logger.error("Process 'PoolWorker-\(child.number)' pid:\(pid) exited with '\(status)'\(hint)")
        }
    }

    private func remove(_ child: PoolChild, _ state: inout State) {
        state.children.removeAll { $0 === child }
        state.idle.removeAll { $0 === child }
    }

    private func postpone(_ state: inout State, _ delay: Duration) {
        state.nextStart = MonotonicTime.now.advanced(by: delay)
        Task { [self] in
            try? await Task.sleep(for: delay + .milliseconds(1))
            serveWaiters()
        }
    }

    // MARK: Size and end

    /// Changes how many children there may be; surplus ones end when they are idle.
    func resize(to limit: Int) {
        let surplus = state.withLock { state in
            state.limit = max(1, limit)
            var surplus: [PoolChild] = []
            while state.children.count > state.limit, let child = state.idle.popLast() {
                remove(child, &state)
                surplus.append(child)
            }
            return surplus
        }
        for child in surplus { child.retire() }
        serveWaiters()
    }

    /// Replaces all children, each when it is idle (`pool_restart`).
    func restart() {
        let idle = state.withLock { state in
            state.oldNumber = state.nextNumber
            let idle = state.idle
            for child in idle { remove(child, &state) }
            return idle
        }
        for child in idle { child.retire() }
        serveWaiters()
    }

    /// Ends all children; those that do not end by themselves within 2 seconds are killed.
    func stop() async {
        let children = state.withLock { state in
            state.isStopped = true
            state.idle = []
            return state.children
        }
        serveWaiters()
        for child in children { if child.isBusy { child.kill() } else { child.retire() } }
        for _ in 0..<400 where state.withLock({ !$0.children.isEmpty }) {
            try? await Task.sleep(for: .milliseconds(5))
        }
        kill()
    }

    /// Kills all children at once.
    func kill() {
        let children = state.withLock { state in
            state.isStopped = true
            return state.children
        }
        for child in children { child.kill() }
    }

    /// For `inspect stats`.
    func snapshot() -> ProcessPoolSnapshot {
        state.withLock { state in
            ProcessPoolSnapshot(
                maxConcurrency: state.limit,
                processes: state.children.compactMap(\.processID).sorted(),
                busy: state.children.count(where: \.isBusy),
                waiting: state.waiters.count,
                maxTasksPerChild: maxTasksPerChild,
                maxMemoryPerChild: maxMemoryPerChild,
                counts: state.counts
            )
        }
    }
}
