import CeleryProtocol
import Connections
import Logging
import Synchronization

/// One child process as its worker sees it: takes one job at a time.
final class PoolChild: Sendable, RunProcess {
    /// How a job ended for the child.
    enum Ending: Sendable {
        case answered(PoolAnswer)
        /// The child ended under the job.
        case lost(ExitStatus)
        /// The child ended before it took jobs, so the task has not begun.
        case notBegun
    }

    /// What the pool hears from its children, on their threads.
    struct Callbacks: Sendable {
        /// It takes jobs.
        var onReady: @Sendable () -> Void
        /// A job has ended; called before its waiter goes on.
        var onAnswer: @Sendable (PoolChild) -> Void
        var onEnd: @Sendable (PoolChild, FramedChild.End) -> Void
    }

    private struct Job {
        var number: UInt32
        var run: TaskRun
        var continuation: CheckedContinuation<Ending, Never>
    }

    private struct State {
        var isReady = false
        /// Whether it gets no more jobs.
        var isDoomed = false
        var end: FramedChild.End?
        var job: Job?
        var jobsDone = 0
    }

    let number: Int
    private let process: FramedChild
    private let state = Mutex(State())

    init(number: Int) throws(ProcessError) {
        self.number = number
        process = try FramedChild()
    }

    func start(_ request: SpawnRequest, _ callbacks: Callbacks) {
        process.start(
            request,
            threadName: "chard-pool-\(number)",
            FramedChild.Callbacks(
                onFrame: { [self] in received($0, callbacks) },
                onEnd: { [self] in ended($0, callbacks) }
            )
        )
    }

    var processID: Int32? { process.pid }
    var isReady: Bool { state.withLock { $0.isReady } }
    /// Whether its end was wanted.
    var isDoomed: Bool { state.withLock { $0.isDoomed } }
    var isBusy: Bool { state.withLock { $0.job != nil } }
    var jobsDone: Int { state.withLock { $0.jobsDone } }

    /// Hands a run over and waits for its end. When the Swift task is cancelled the body is, and has its say.
    func perform(_ run: TaskRun, job: UInt32) async -> Ending {
        await withTaskCancellationHandler {
            await withCheckedContinuation { begin(Job(number: job, run: run, continuation: $0)) }
        } onCancel: {
            cancel(job)
        }
    }

    private func begin(_ job: Job) {
        let hasEnded = state.withLock { state in
            guard state.end == nil else { return true }
            state.job = job
            // Otherwise its time begins when the child is ready for it.
            if state.isReady { job.run.begin() }
            return false
        }
        guard !hasEnded else { return job.continuation.resume(returning: .notBegun) }
        job.run.attach(self)
        process.send(PoolJob.frame(job.run, number: job.number))
        // Whoever ended it before it was attached could not reach the process.
        let (isSettled, isStopped) = job.run.state.withLock { ($0.isSettled, $0.stop != nil) }
        if isSettled { kill(job.run) } else if isStopped { cancel(job.number) }
    }

    private func cancel(_ number: UInt32) {
        guard let run = state.withLock({ $0.job?.number == number ? $0.job?.run : nil }) else { return }
        var frame = PoolFrameWriter(PoolFrame.Order.cancel.rawValue)
        frame.add(number)
        frame.add(run.state.withLock { $0.stop == .shutdown })
        process.send(frame.bytes)
    }

    // MARK: Ends

    /// Lets an idle child end in order.
    func retire() {
        state.withLock { $0.isDoomed = true }
        process.close(within: .seconds(3))
    }

    func kill() {
        state.withLock { $0.isDoomed = true }
        process.kill()
    }

    func kill(_ run: TaskRun) {
        if doom(run) { process.kill() }
    }

    func terminate(_ run: TaskRun, signal: Int32) {
        guard doom(run) else { return }
        if signal == SignalName.terminate || signal == SignalName.interrupt {
            // Both mean nothing to a child, for they are also sent to whole groups of processes.
            var frame = PoolFrameWriter(PoolFrame.Order.die.rawValue)
            frame.add(UInt32(bitPattern: signal))
            process.send(frame.bytes)
        } else {
            process.kill(signal)
        }
        process.kill(after: .seconds(2))
    }

    /// Marks the child as about to end, if it has not gone on to another run.
    private func doom(_ run: TaskRun) -> Bool {
        state.withLock { state in
            guard state.job?.run === run else { return false }
            state.isDoomed = true
            return true
        }
    }

    // MARK: The child's thread

    private func received(_ frame: [UInt8], _ callbacks: Callbacks) {
        switch frame.first.flatMap(PoolFrame.Report.init) {
        case .ready:
            state.withLock { state in
                state.isReady = true
                state.job?.run.begin()
            }
            callbacks.onReady()
        case .answer: answered(frame, callbacks)
        case nil: kill()
        }
    }

    private func answered(_ frame: [UInt8], _ callbacks: Callbacks) {
        guard let answer = PoolAnswer(frame) else { return kill() }
        let job = state.withLock { state -> Job? in
            guard state.job?.number == answer.job else { return nil }
            defer { state.job = nil }
            state.jobsDone += 1
            return state.job
        }
        guard let job else { return }
        job.run.attach(nil)
        callbacks.onAnswer(self)
        job.continuation.resume(returning: .answered(answer))
    }

    private func ended(_ end: FramedChild.End, _ callbacks: Callbacks) {
        let (job, isReady) = state.withLock { state in
            defer { state.job = nil }
            state.end = end
            return (state.job, state.isReady)
        }
        callbacks.onEnd(self, end)
        guard let job else { return }
        job.run.attach(nil)
        if case .ended(let status) = end, isReady {
            job.continuation.resume(returning: .lost(status))
        } else {
            job.continuation.resume(returning: .notBegun)
        }
    }
}
