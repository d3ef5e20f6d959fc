import Synchronization

/// The process in which a run's body is, when it is not the worker's own.
protocol RunProcess: Sendable {
    var processID: Int32? { get }

    /// Kills the process, if it still is about that run: the hard time limit has passed.
    func kill(_ run: TaskRun)

    /// Ends the process by a signal, if it still is about that run.
    func terminate(_ run: TaskRun, signal: Int32)
}

extension TaskRun {
    /// The process that the body runs in; nil while it has none of its own.
    var process: (any RunProcess)? { state.withLock { $0.process } }

    func attach(_ process: (any RunProcess)?) { state.withLock { $0.process = process } }

    /// Kills the process of the run; false when it has none, or not yet.
    @discardableResult
    func killProcess() -> Bool {
        guard let process else { return false }
        process.kill(self)
        return true
    }

    /// Sends the run's process a signal that is to end it; false when it has none, or not yet.
    ///
    /// A process that outlives the signal by 2 seconds is killed.
    @discardableResult
    func terminateProcess(signal: Int32) -> Bool {
        guard let process else { return false }
        process.terminate(self, signal: signal)
        return true
    }
}
