import CeleryProtocol
import Connections
import Foundation
import Logging
import Synchronization

/// Runs a task as a command: the request as JSON on its standard input, progress and result on its standard output.
package struct CommandTask: Sendable {
    package var words: [String]
    package var environment: [String: String]
    package var directory: String?
    package var maxOutput: Int
    /// What it gets on its standard input; nil: what every task gets that is not Swift.
    package var input: [UInt8]?
    package var limits = ProcessLimits()
    /// How long it may run, by the clock.
    package var timeLimit: Duration?
    package var guarding = CommandProcess.Guarding.leader
    /// How long it has for its last checkpoint when the worker ends.
    package var stopTime = Duration.seconds(1)
    /// Called with each line `{"checkpoint": …}`, before the next one is read; what it throws ends the command.
    package var onCheckpoint: (@Sendable (CeleryValue) async throws -> Void)?

    /// What a program ends with that wants to be run again later (`sysexits.h`).
    static let temporaryFailure: Int32 = 75

    package init(words: [String], environment: [String: String], directory: String?, maxOutput: Int) {
        self.words = words
        self.environment = environment
        self.directory = directory
        self.maxOutput = maxOutput
    }

    package func run(_ context: TaskContext) async throws -> [UInt8] {
        let logger = context.logger
        let output = CommandOutput(maxBytes: maxOutput, takesCheckpoints: onCheckpoint != nil) { logger.info("\($0)") }
        let process = CommandProcess(
            try request(),
            input: try input ?? context.externalRequest() + [UInt8(ascii: "\n")],
            threadName: "chard-command",
            guarding: guarding,
            callbacks: CommandProcess.Callbacks(
                onOutput: output.append,
                onErrorOutput: output.appendErrors,
                onEnd: output.end
            )
        )
        context.run.attach(RunningCommand(process: process))
        defer { context.run.attach(nil) }
        let isLate = Atomic<Bool>(false)
        let end = try await withTaskCancellationHandler {
            try await withTimeLimit({ isLate.store(true, ordering: .relaxed) }, process) {
                try await follow(process, output, context)
            }
        } onCancel: {
            process.kill(SignalName.terminate)
            if context.run.state.withLock({ $0.stop == .shutdown }) { Self.kill(process, after: stopTime) }
        }
        if isLate.load(ordering: .relaxed), let timeLimit {
            throw ExceptionRecord.timeLimitExceeded(timeLimit.secondsValue)
        }
        return try result(of: end, output, context)
    }

    /// Kills the command when its time is up.
    private func withTimeLimit<Value>(
        _ onLate: @escaping @Sendable () -> Void,
        _ process: CommandProcess,
        _ body: () async throws -> Value
    ) async throws -> Value {
        guard let timeLimit else { return try await body() }
        let watch = Task.detached {
            try await Task.sleep(for: timeLimit)
            onLate()
            process.kill(SignalName.kill)
        }
        defer { watch.cancel() }
        return try await body()
    }

    private func request() throws -> SpawnRequest {
        var environment = ProcessInfo.processInfo.environment
        environment.merge(self.environment) { $1 }
        guard let program = words.first else { throw ExternalTaskError.command("no command is given") }
        var request = SpawnRequest(program: program, arguments: words, environment: environment, directory: directory)
        request.limits = limits
        return request
    }

    /// Passes progress on until the command has ended.
    private func follow(
        _ process: CommandProcess,
        _ output: CommandOutput,
        _ context: TaskContext
    ) async throws -> CommandProcess.End {
        while true {
            switch await output.next() {
            case .progress(let value):
                // A state that cannot be stored is no reason to fail.
                if !context.isCancelled { try? await context.progress(value) }
            case .checkpoint(let value): try await keep(value, process, output)
            case .ended(let end): return end
            case .tooLarge:
                process.kill(SignalName.kill)
                throw ExternalTaskError.command("more than the \(maxOutput) bytes of output that max_output allows")
            }
        }
    }

    /// Also when the Swift task is cancelled: the last checkpoint of a run that is to end is worth the most.
    private func keep(_ value: CeleryValue, _ process: CommandProcess, _ output: CommandOutput) async throws {
        guard let onCheckpoint else { return }
        do {
            try await Task { try await onCheckpoint(value) }.value
        } catch {
            process.kill(SignalName.kill)
            while true {
                switch await output.next() {
                case .ended, .tooLarge: throw error
                case .progress, .checkpoint: continue
                }
            }
        }
    }

    private func result(
        of end: CommandProcess.End,
        _ output: CommandOutput,
        _ context: TaskContext
    ) throws -> [UInt8] {
        guard case .ended(let status) = end else {
            try refuse(end, context)
        }
        // One that has only kept its last checkpoint has not come to its end.
        let isPartial = onCheckpoint != nil && context.isCancelled && !output.hasResult
        if status.isSuccess, !isPartial { return output.result() }
        // It has ended because it was told to.
        if context.isCancelled, output.error == nil { throw CancellationError() }
        switch status {
        case .signal(SignalName.cpuTime) where limits.cpuTime != nil: throw failure(status, output)
        case .signal: throw lost(status, context)
        case .code(Self.temporaryFailure): throw context.retry(cause: output.error ?? failure(status, output))
        case .code: throw output.error ?? failure(status, output)
        }
    }

    /// It could not be started: tried again if that may go better later.
    private func refuse(_ end: CommandProcess.End, _ context: TaskContext) throws -> Never {
        guard case .notStarted(let problem) = end else { throw CancellationError() }
        let error = ExternalTaskError.command("\(problem)")
        throw problem.isTemporary ? context.retry(cause: error) : error
    }

    private func failure(_ status: ExitStatus, _ output: CommandOutput) -> any Error {
        guard case .code(let code) = status else {
            let limit = limits.cpuTime.map { ": more than \($0.secondsText) s of CPU time" } ?? ""
            return ExternalTaskError.command("\(status)\(limit)")
        }
        let line = output.lastErrorLine
        var text = "exit status \(code)" + (line.isEmpty ? "" : ": \(line)")
        if let memory = limits.memory, Self.memoryErrors.contains(where: line.contains) {
            text += "; a process may have \(memory) bytes of memory"
        }
        return ExternalTaskError.command(text)
    }

    /// What programs say that get no more memory.
    private static let memoryErrors = ["MemoryError", "bad_alloc", "Cannot allocate memory", "out of memory"]

    private func lost(_ status: ExitStatus, _ context: TaskContext) -> any Error {
        let pid = context.run.process?.processID ?? 0
        let text = "Worker exited prematurely: \(status) Job: \(pid)."
        let rules = context.run.known.rules
        if rules.rejectOnWorkerLost == true, rules.delivery == .atLeastOnce {
            return TaskRejected(text, requeue: true)
        }
        return ExceptionRecord.workerLost(text)
    }

    private static func kill(_ process: CommandProcess, after delay: Duration) {
        Task.detached {
            try? await Task.sleep(for: delay)
            process.kill(SignalName.kill)
        }
    }
}

/// The command of a run, for whoever ends it.
struct RunningCommand: RunProcess {
    let process: CommandProcess

    var processID: Int32? { process.pid }

    func kill(_ run: TaskRun) { process.kill(SignalName.kill) }

    func terminate(_ run: TaskRun, signal: Int32) {
        process.kill(signal)
        Task.detached { [process] in
            try? await Task.sleep(for: .seconds(2))
            process.kill(SignalName.kill)
        }
    }
}
