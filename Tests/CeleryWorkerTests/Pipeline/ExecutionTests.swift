import CeleryProtocol
import OrderedCollections
import Testing

@testable import CeleryWorker

/// What each ending of a body means.
struct ExecutionTests {
    private struct Boom: Error {}

    private struct Missing: PythonException {
        var exceptionRecord: ExceptionRecord { .builtin("KeyError", "'x'") }
    }

    private struct Add: CeleryTask {
        typealias Output = Int
        static let name = "examples.add"
        var x: Int
        var y: Int
    }

    /// The outcome as a line: what happened, and the exception that the sender sees.
    private func outcome(
        retries: Int = 0,
        policy: RetryPolicy = .onRequest,
        stop: TaskRun.Stop? = nil,
        _ body: @escaping RegisteredTask.Body
    ) async throws -> String {
        let task = RegisteredTask(name: "examples.add", options: TaskOptions(retry: policy), body: body)
        let run = TestRun.make(try .sample { $0.retries = retries }, task: task)
        if let stop { run.stop(stop) }
        return Self.text(await Execution.execute(run, TaskContext(run: run, core: try TestRun.core())))
    }

    private static func text(_ outcome: Outcome) -> String {
        switch outcome {
        case .succeeded(let json): "succeeded \(String(decoding: json, as: UTF8.self))"
        case .failed(let exception, let traceback):
            "failed \(exception.pythonRepr)" + (traceback.contains(exception.type) ? "" : " without a traceback")
        case .retry(let delay, let exception, _): "retry \(delay.secondsText) \(exception?.pythonRepr ?? "-")"
        case .rejected(let rejected): "rejected \(rejected.reason) \(rejected.requeue)"
        case .replaced(let signature): "replaced \(signature.task)"
        case .revoked(let reason): "revoked \(reason)"
        case .cancelled: "cancelled"
        case .ignored: "ignored"
        case .interrupted: "interrupted"
        }
    }

    @Test func valuesAndSignals() async throws {
        #expect(try await outcome { _ in Array("[1]".utf8) } == "succeeded [1]")
        #expect(try await outcome { _ in throw TaskIgnored() } == "ignored")
        #expect(try await outcome { _ in throw TaskRejected("no", requeue: true) } == "rejected no true")
    }

    @Test func errorsBecomeExceptions() async throws {
        #expect(try await outcome { _ in throw ExceptionRecord.valueError("bad") } == "failed ValueError('bad')")
        #expect(try await outcome { _ in throw Missing() } == "failed KeyError(\"'x'\")")
        #expect(try await outcome { _ in throw Boom() }.hasPrefix("failed ") == true)
        #expect(try await outcome { _ in throw Boom() }.contains("Boom('Boom()')"))
    }

    @Test func retriesThatATaskAsksFor() async throws {
        let policy = RetryPolicy(maxRetries: 2, backoff: .constant(.seconds(3)), retries: { _ in false })
        #expect(try await outcome(policy: policy) { throw $0.retry() } == "retry 3 -")
        #expect(try await outcome(policy: policy) { throw $0.retry(after: .seconds(-5)) } == "retry 0 -")
        let cause = ExceptionRecord.valueError("v")
        #expect(
            try await outcome(retries: 1) { throw $0.retry(after: .seconds(9), cause: cause) }
                == "retry 9 ValueError('v')"
        )
        #expect(
            try await outcome(retries: 2, policy: policy) { throw $0.retry(cause: cause) } == "failed ValueError('v')"
        )
        #expect(try await outcome(retries: 2, policy: policy) { throw $0.retry(maxRetries: 3) } == "retry 3 -")
        let last = try await outcome(retries: 2, policy: policy) { throw $0.retry() }
        #expect(last.hasPrefix("failed MaxRetriesExceededError(\"Can't retry examples.add[id-1] args:"))
    }

    @Test func retriesByPolicy() async throws {
        let policy = RetryPolicy.on(Missing.self, retries: 1, backoff: .constant(.seconds(3)))
        #expect(try await outcome(policy: policy) { _ in throw Missing() } == "retry 3 KeyError(\"'x'\")")
        #expect(try await outcome(retries: 1, policy: policy) { _ in throw Missing() } == "failed KeyError(\"'x'\")")
        #expect(
            try await outcome(policy: policy) { _ in throw ExceptionRecord.valueError("v") } == "failed ValueError('v')"
        )
        #expect(try await outcome(policy: .always()) { _ in throw TaskIgnored() } == "ignored")
        #expect(try await outcome(policy: .always()) { _ in throw TaskRejected("r") } == "rejected r false")
    }

    @Test func stoppedBodies() async throws {
        #expect(try await outcome { _ in throw CancellationError() }.contains("CancellationError"))
        let late = try await outcome(stop: .softTimeLimit) {
            try $0.checkCancellation()
            return []
        }
        #expect(late == "failed SoftTimeLimitExceeded()")
        #expect(try await outcome(stop: .softTimeLimit) { _ in Array("1".utf8) } == "succeeded 1")
        #expect(try await outcome(stop: .softTimeLimit) { _ in throw Missing() } == "failed KeyError(\"'x'\")")
        #expect(
            try await outcome(stop: .shutdown) {
                try $0.checkCancellation()
                return []
            } == "interrupted"
        )
        #expect(try await outcome(stop: .shutdown) { _ in Array("1".utf8) } == "succeeded 1")
    }

    @Test func argumentsThatDoNotFitAreATypeError() async throws {
        let task = RegisteredTask(Add.self) { task, _ in task.x + task.y }
        func outcome(_ args: [CeleryValue], _ kwargs: CeleryMap = [:]) async throws -> String {
            let message = try TaskMessage.sample {
                $0.arguments = .values(args, kwargs)
            }
            let run = TestRun.make(message, task: task)
            return Self.text(await Execution.execute(run, TaskContext(run: run, core: try TestRun.core())))
        }
        #expect(try await outcome([1, 2]) == "succeeded 3")
        #expect(try await outcome([1], ["y": 5]) == "succeeded 6")
        #expect(
            try await outcome([1]).hasPrefix("failed TypeError(\"add() missing 1 required positional argument: 'y'")
        )
        #expect(try await outcome([1, 2, 3]).contains("takes 2 positional arguments but 3 were given"))
        #expect(try await outcome([1, 2], ["z": 1]).contains("unexpected keyword argument 'z'"))
        #expect(try await outcome([1, "two"]).hasPrefix("failed TypeError("))
    }
}
