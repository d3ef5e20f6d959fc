import CeleryProtocol
import Connections
import Synchronization

/// Runs one task's body and turns whatever happens into an `Outcome`. The only place that catches a task's errors.
enum Execution {
    static func execute(_ run: TaskRun, _ context: TaskContext) async -> Outcome {
        do {
            let value = try await run.known.task.body(context)
            guard value.count < maxResultBytes else { return tooLarge(value.count, run) }
            return .succeeded(value)
        } catch {
            return outcome(of: error, run)
        }
    }

    /// Redis takes values of up to 512 MiB (`celery/backends/redis.py` checks the same).
    private static let maxResultBytes = 500 << 20

    private static func outcome(of error: any Error, _ run: TaskRun) -> Outcome {
        let stop = run.state.withLock { $0.stop }
        switch error {
        case _ where stop == .shutdown: return .interrupted
        case let rejected as TaskRejected: return .rejected(rejected)
        case is TaskIgnored: return .ignored
        case let replaced as TaskReplaced: return .replaced(replaced.signature)
        case let retry as TaskRetry: return outcome(of: retry, run)
        case is CancellationError where stop != nil:
            return failed(.softTimeLimitExceeded(), run)
        default:
            let policy = run.known.rules.retry
            guard policy.retries(error) else { return failed(ExceptionRecord(error, run), run) }
            return outcome(of: TaskRetry(delay: nil, cause: error, maxRetries: nil), run)
        }
    }

    private static func outcome(of retry: TaskRetry, _ run: TaskRun) -> Outcome {
        let policy = run.known.rules.retry
        let retries = run.message.retries
        let exception = retry.cause.map { ExceptionRecord($0, run) }
        if let limit = retry.maxRetries ?? policy.maxRetries, retries >= limit {
            return failed(exception ?? maxRetriesExceeded(run.message), run)
        }
        if let arguments = retry.arguments { run.state.withLock { $0.retryArguments = arguments } }
        let delay = retry.delay ?? policy.backoff.delay(beforeRetry: retries, random: .random(in: 0..<1))
        return .retry(after: max(delay, .zero), exception, traceback: exception?.traceback(of: run) ?? "")
    }

    private static func maxRetriesExceeded(_ message: TaskMessage) -> ExceptionRecord {
        .maxRetriesExceeded(
            task: message.task,
            id: message.id,
            arguments: message.argsRepr,
            keywords: message.kwargsRepr
        )
    }

    private static func failed(_ exception: ExceptionRecord, _ run: TaskRun) -> Outcome {
        .failed(exception, traceback: exception.traceback(of: run))
    }

    private static func tooLarge(_ count: Int, _ run: TaskRun) -> Outcome {
        let text = "the result is too large to be stored: \(count >> 20) MiB"
        return failed(
            ExceptionRecord(module: "kombu.exceptions", type: "EncodeError", message: [.string(text)]),
            run
        )
    }
}

extension ExceptionRecord {
    /// The exception that stands for an error of a task at a Python client.
    init(_ error: any Error, _ run: TaskRun) {
        switch error {
        case let record as ExceptionRecord: self = record
        case let exception as any PythonException: self = exception.exceptionRecord
        case let error as ArgumentError: self = .typeError(error.description)
        default:
            let name = String(reflecting: Swift.type(of: error)).split(separator: ".", maxSplits: 1)
            self.init(
                module: name.count > 1 ? String(name[0]) : "chard",
                type: name.last.map(String.init) ?? "Error",
                message: [.string(String(describing: error))]
            )
        }
    }

    func traceback(of run: TaskRun) -> String {
        traceback([Frame(file: run.known.task.name, line: 1, function: "run")])
    }
}
