import CeleryProtocol
import Connections
import Foundation
import Testing

@testable import CeleryWorker

/// A real child, of the example worker, without a broker: jobs, and every way to end one.
struct PoolChildTests {
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("example-worker").path

    private let ends = Tally<String>()

    private func startChild() throws -> PoolChild {
        let child = try PoolChild(number: 1)
        var environment = ProcessInfo.processInfo.environment
        let parent = ProcessInfo.processInfo.processIdentifier
        environment[PoolMembership.variable] = PoolMembership(parent: parent, number: 1).text
        var request = SpawnRequest(
            program: Self.program,
            arguments: ["example-worker", "-l", "critical"],
            environment: environment
        )
        request.ignoresTermination = true
        child.start(
            request,
            PoolChild.Callbacks(
                onReady: {},
                onAnswer: { _ in },
                onEnd: { [ends] _, end in
                    if case .ended(let status) = end { ends.add("\(status)") } else { ends.add("not started") }
                }
            )
        )
        return child
    }

    /// A run with the bytes of its message, as they come from a broker.
    private func makeRun(_ task: String, _ args: [CeleryValue]) throws -> TaskRun {
        let draft = TaskMessage.Draft(id: "id-1", task: task, args: args, kwargs: [:], origin: "test")
        let publication = try draft.publication(routingKey: "q", now: Timestamp(microsecondsSince1970: 0))
        let bytes = publication.properties + publication.body
        let batch = AMQPDeliveryBatch.single(
            bytes: bytes,
            redelivered: false,
            exchange: 0..<0,
            routingKey: 0..<0,
            properties: 0..<publication.properties.count,
            body: publication.properties.count..<bytes.count
        )
        let lane = Lane(
            index: 0,
            queue: QueueSettings(name: "q"),
            registry: TaskRegistry(),
            catalogue: .celeryDefault
        )
        let delivery = Delivery(PriorityDispatch.Entry(batch: batch, index: 0, epoch: 0), lane: lane)
        let message = try TaskMessage.decode(
            properties: delivery.frame.properties,
            body: delivery.frame.body,
            in: bytes,
            deliveryInfo: delivery.info
        )
        let task = RegisteredTask(name: task, options: TaskOptions()) { _ in [] }
        return TaskRun(delivery: delivery, message: message, known: KnownTask(task: task, rules: lane.rules))
    }

    private func text(_ ending: PoolChild.Ending) -> String {
        switch ending {
        case .answered(let answer):
            switch answer.outcome {
            case .succeeded(let json): String(decoding: json, as: UTF8.self)
            case .failed(let exception, _): exception.pythonRepr
            case let other: "\(other)"
            }
        case .lost(let status): "lost by \(status)"
        case .notBegun: "not begun"
        }
    }

    /// What becomes of a body that blocks for a minute when `body` is done to it.
    private func blocked(_ body: @Sendable (PoolChild, TaskRun) -> Void) async throws -> String {
        let child = try startChild()
        let warm = await child.perform(try makeRun("examples.add", [1, 2]), job: 1)
        #expect(text(warm) == "3")
        let run = try makeRun("examples.block", [60])
        async let ending = child.perform(run, job: 2)
        while run.process == nil { try await Task.sleep(for: .milliseconds(2)) }
        body(child, run)
        let result = text(await ending)
        try await ends.wait(for: 1)
        #expect(run.process == nil)
        return result
    }

    @Test func jobsAndTheEnd() async throws {
        let child = try startChild()
        #expect(text(await child.perform(try makeRun("examples.add", [20, 22]), job: 1)) == "42")
        let failed = text(await child.perform(try makeRun("examples.fail", ["x"]), job: 2))
        #expect(failed == "ValueError('x')")
        let unknown = text(await child.perform(try makeRun("examples.unknown", []), job: 3))
        #expect(unknown.contains("never registered"))
        #expect(child.jobsDone == 3)
        #expect(child.isReady && !child.isBusy)
        child.retire()
        #expect(try await ends.wait(for: 1) == ["exitcode 0"])
        #expect(text(await child.perform(try makeRun("examples.add", [1, 2]), job: 4)) == "not begun")
    }

    @Test(arguments: [
        (SIGTERM, "lost by signal 15 (SIGTERM)"), (SIGINT, "lost by signal 2 (SIGINT)"),
        (SIGUSR1, "lost by signal 10 (SIGUSR1)"), (SIGCONT, "lost by signal 9 (SIGKILL)"),
    ])
    func terminated(_ number: Int32, _ expected: String) async throws {
        // SIGCONT ends nothing: the process is killed after two seconds.
        #expect(try await blocked { $0.terminate($1, signal: number) } == expected)
    }

    @Test func killedAtTheHardLimit() async throws {
        #expect(try await blocked { _, run in run.killProcess() } == "lost by signal 9 (SIGKILL)")
    }

    @Test func aRunThatIsOverEndsNoOther() async throws {
        let child = try startChild()
        let first = try makeRun("examples.add", [1, 2])
        #expect(text(await child.perform(first, job: 1)) == "3")
        child.kill(first)
        child.terminate(first, signal: SIGTERM)
        #expect(text(await child.perform(try makeRun("examples.add", [2, 2]), job: 2)) == "4")
        #expect(ends.values.isEmpty)
        child.kill()
        try await ends.wait(for: 1)
    }

    @Test func aRunThatWasEndedBeforeItIsHandedOverIsKilled() async throws {
        let child = try startChild()
        #expect(text(await child.perform(try makeRun("examples.add", [1, 2]), job: 1)) == "3")
        let run = try makeRun("examples.block", [60])
        #expect(run.claimSettlement())
        #expect(text(await child.perform(run, job: 2)) == "lost by signal 9 (SIGKILL)")
    }

    @Test func cancelled() async throws {
        let child = try startChild()
        #expect(text(await child.perform(try makeRun("examples.add", [1, 2]), job: 1)) == "3")
        let run = try makeRun("examples.sleep", [60])
        let task = Task { await child.perform(run, job: 2) }
        while run.process == nil { try await Task.sleep(for: .milliseconds(2)) }
        run.belongs(to: Task { _ = await task.value })
        run.stop(.softTimeLimit)
        task.cancel()
        #expect(text(await task.value) == "SoftTimeLimitExceeded()")
        child.kill()
        try await ends.wait(for: 1)
    }
}
