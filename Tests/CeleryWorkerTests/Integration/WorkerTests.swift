import CeleryProtocol
import Connections
import Dispatch
import OrderedCollections
import Testing

@testable import CeleryWorker

/// From `send` through broker, worker and Redis back to the sender.
@Suite(
    .disabled(if: ServersUnderTest.broker == nil || ServersUnderTest.redis == nil, ServersUnderTest.reason),
    .timeLimit(.minutes(1))
)
struct WorkerTests {
    private struct Add: RunnableTask {
        static let name = "test.add"
        var x: Int
        var y: Int

        func run(_ context: TaskContext) async throws -> Int { x + y }
    }

    private struct Fail: RunnableTask {
        static let name = "test.fail"
        var message: String

        func run(_ context: TaskContext) async throws { throw ExceptionRecord.valueError(message) }
    }

    private struct Flaky: RunnableTask {
        static let name = "test.flaky"
        static let options = TaskOptions(retry: .always(3, backoff: .constant(.milliseconds(30))))
        var failures: Int

        func run(_ context: TaskContext) async throws -> Int {
            if context.retries < failures { throw ExceptionRecord.runtimeError("try \(context.retries)") }
            return context.retries
        }
    }

    /// Its body is given by the test.
    private struct Step: CeleryTask {
        typealias Output = Int
        static let name = "test.step"
        var number: Int
    }

    private struct Parent: RunnableTask {
        static let name = "test.parent"

        func run(_ context: TaskContext) async throws -> [String] {
            try await context.send([Add(x: 1, y: 1), Add(x: 2, y: 2)]).map(\.id)
        }
    }

    @Test func valuesComeBack() async throws {
        let report = try await WorkerBench.run {
            $0.register(Add.self)
        } _: { bench in
            #expect(try await bench.celery.send(Add(x: 2, y: 3)).value() == 5)
            let many = try await bench.celery.send((0..<300).map { Add(x: $0, y: 1) })
            for (index, result) in many.enumerated() { #expect(try await result.value() == index + 1) }
            let byName = try await bench.celery.send("test.add", args: [4], kwargs: ["y": 5])
            #expect(try await byName.value() == 9)
            #expect(try await byName.state() == .success)
        }
        #expect(report.finished == 302)
        #expect(report.abandoned == 0)
    }

    @Test func failuresComeBack() async throws {
        try await WorkerBench.run {
            $0.register(Fail.self)
            $0.register(Add.self)
        } _: { bench in
            let failed = try await bench.celery.send(Fail(message: "boom"))
            let failure = await #expect(throws: TaskFailure.self) { try await failed.value() }
            #expect(failure?.state == .failure)
            #expect(failure?.exception?.pythonRepr == "ValueError('boom')")
            #expect(failure?.traceback?.contains("ValueError: boom") == true)
            let misfit = try await bench.celery.send("test.add", args: [1])
            let typeError = await #expect(throws: TaskFailure.self) { _ = try await misfit.value() }
            #expect(typeError?.exception?.type == "TypeError")
            let unknown = try await bench.celery.send("test.unknown")
            let notRegistered = await #expect(throws: TaskFailure.self) { _ = try await unknown.value() }
            #expect(notRegistered?.exception?.type == "NotRegistered")
            #expect(try await bench.messageCount(bench.queue.deadLetterQueue) == 1)
        }
    }

    @Test func errorsAreRetriedByPolicy() async throws {
        try await WorkerBench.run {
            $0.register(Flaky.self)
        } _: { bench in
            #expect(try await bench.celery.send(Flaky(failures: 2)).value() == 2)
            let hopeless = try await bench.celery.send(Flaky(failures: 9))
            let failure = await #expect(throws: TaskFailure.self) { _ = try await hopeless.value() }
            #expect(failure?.exception?.pythonRepr == "RuntimeError('try 3')")
        }
    }

    @Test func statesComeInOrder() async throws {
        let gate = Gate()
        try await WorkerBench.run {
            $0.worker.trackStarted = true
        } register: { celery in
            celery.register(Step.self) { task, context in
                await gate.pass()
                for step in 1...task.number { try await context.progress(["current": step]) }
                return task.number
            }
        } _: { bench in
            var states: [String] = []
            try await bench.celery.send(Step(number: 3)).forEachState(timeout: .seconds(20)) { meta in
                if meta.status == .started { gate.open() }
                states.append("\(meta.status.rawValue) \(meta.status == .progress ? meta.result : .null)")
            }
            // STARTED may be read and heard.
            #expect(Set(states.prefix { $0.hasPrefix("STARTED") }).count == 1)
            let progress = (1...3).map { "PROGRESS \(CeleryValue.map(["current": .int($0)]))" }
            let expected: [String] = progress + ["SUCCESS \(CeleryValue.null)"]
            #expect(Array(states.drop { $0.hasPrefix("STARTED") }) == expected)
        }
    }

    @Test func childrenAreLinkedToTheirParent() async throws {
        try await WorkerBench.run {
            $0.register(Parent.self)
            $0.register(Add.self)
        } _: { bench in
            let parent = try await bench.celery.send(Parent())
            let ids = try await parent.value()
            #expect(ids.count == 2)
            let child = try await bench.celery.result(ids[1]).ended()
            #expect(child.result == 4)
            #expect(child.parentID == parent.id)
            #expect(try await parent.meta()?.children?.count == 2)
        }
    }

    @Test func anIgnoredTaskLeavesNothing() async throws {
        try await WorkerBench.run(concurrency: 1) { celery in
            celery.register(Step.self) { _, _ in throw TaskIgnored() }
            celery.register(Add.self)
        } _: { bench in
            let ignored = try await bench.celery.send(Step(number: 1))
            #expect(try await bench.celery.send(Add(x: 1, y: 1)).value() == 2)
            #expect(try await ignored.meta() == nil)
            bench.worker.stop()
            try await bench.logged("worker: Warm shutdown (MainProcess): waiting")
        }
    }

    @Test func aRejectedTaskIsKeptOrComesAgain() async throws {
        let starts = Tally<Bool>()
        try await WorkerBench.run { celery in
            celery.register(Step.self) { task, context in
                starts.add(context.message.deliveryInfo.redelivered)
                if starts.values.count == 1 { throw TaskRejected("later", requeue: true) }
                throw TaskRejected("never")
            }
        } _: { bench in
            let rejected = try await bench.celery.send(Step(number: 1))
            let failure = await #expect(throws: TaskFailure.self) { _ = try await rejected.value() }
            #expect(failure?.exception?.type == "Reject")
            #expect(starts.values == [false, true])
            #expect(try await bench.messageCount(bench.queue.deadLetterQueue) == 1)
        }
    }

    @Test func aStoppedWorkerEndsWhatRunsAndReturnsTheRest() async throws {
        let gate = Gate()
        let started = Tally<Int>()
        let report = try await WorkerBench.run(concurrency: 1) { celery in
            celery.register(Step.self) { task, _ in
                started.add(task.number)
                await gate.pass()
                return task.number
            }
        } _: { bench in
            let results = try await bench.celery.send((0..<5).map { Step(number: $0) })
            try await started.wait(for: 1)
            bench.worker.stop()
            try await bench.logged("waiting for 1 running tasks")
            gate.open()
            #expect(try await results[0].value() == 0)
            #expect(try await results[1].meta() == nil)
        }
        #expect(started.values == [0])
        #expect(report.finished == 1)
        #expect(report.returned <= 4)
        #expect(report.abandoned == 0)
    }

    @Test func aTaskThatOutlivesTheGracePeriodIsNotAnswered() async throws {
        let started = Tally<Int>()
        var result: AsyncResult<Int>?
        let report = try await WorkerBench.run {
            $0.worker.gracePeriod = .milliseconds(50)
        } register: { celery in
            celery.register(Step.self) { task, _ in
                started.add(task.number)
                try await Task.sleep(for: .seconds(50))
                return task.number
            }
        } _: { bench in
            result = try await bench.celery.send(Step(number: 1))
            try await started.wait(for: 1)
            bench.worker.stop()
            try await bench.logged("was stopped with the worker")
            #expect(try await result?.meta() == nil)
        }
        #expect(report.finished == 0)
        #expect(report.abandoned == 1)
    }

    @Test func aSoftLimitCancelsAndAHardLimitSettles() async throws {
        let release = DispatchSemaphore(value: 0)
        defer { release.signal() }
        try await WorkerBench.run { celery in
            celery.register(Step.self) { task, _ in
                if task.number == 1 { try await Task.sleep(for: .seconds(50)) } else { Self.block(release) }
                return task.number
            }
        } _: { bench in
            var options = SendOptions()
            options.softTimeLimit = .milliseconds(100)
            let soft = try await bench.celery.send(Step(number: 1), options)
            let softFailure = await #expect(throws: TaskFailure.self) { _ = try await soft.value() }
            #expect(softFailure?.exception?.type == "SoftTimeLimitExceeded")
            options.softTimeLimit = nil
            options.hardTimeLimit = .milliseconds(100)
            let hard = try await bench.celery.send(Step(number: 2), options)
            let hardFailure = await #expect(throws: TaskFailure.self) { _ = try await hard.value() }
            #expect(hardFailure?.exception?.pythonRepr == "TimeLimitExceeded(0.1)")
            release.signal()
        }
    }

    @Test func aWorkerWhoseLoginIsRefusedSaysSo() async throws {
        var configuration = try ServersUnderTest.configuration(queue: QueueSettings(name: ServersUnderTest.name()))
        configuration.broker.urls[0].password = "not-the-password"
        let celery = Celery(configuration: configuration, logger: .silent)
        defer { celery.close() }
        let worker = try Worker(celery)
        let error = await #expect(throws: (any Error).self) { _ = try await worker.runUntilStopped() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("ACCESS_REFUSED"))
        #expect(!text.contains("not-the-password"))
    }

    /// Blocks the thread, as a C call would.
    private static func block(_ semaphore: DispatchSemaphore) { _ = semaphore.wait(timeout: .now() + 20) }
}
