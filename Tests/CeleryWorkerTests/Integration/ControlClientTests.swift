import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Remote control through the Swift API, of a worker in this process.
@Suite(
    .disabled(if: ServersUnderTest.broker == nil || ServersUnderTest.redis == nil, ServersUnderTest.reason),
    .timeLimit(.minutes(1))
)
struct ControlClientTests {
    private struct Wait: RunnableTask {
        static let name = "test.wait"

        func run(_ context: TaskContext) async throws { try await Task.sleep(for: .seconds(50)) }
    }

    @Test func asksAndSteersAWorker() async throws {
        let report = try await WorkerBench.run {
            $0.register(Wait.self)
        } _: { bench in
            let (celery, node) = (bench.celery, bench.celery.configuration.worker.hostname)
            let inspect = celery.inspect([node], timeout: .seconds(20))
            // A request reaches only those that listen already.
            let quick = celery.inspect([node], timeout: .milliseconds(200))
            let pong = try await Self.eventually { try await quick.ping()[node].map { [$0] } }
            #expect(pong == [["ok": "pong"]])
            #expect(try await inspect.registered()[node] == ["test.wait"])

            let result = try await celery.send(Wait())
            let active = try await Self.eventually { try await inspect.active()[node]?.arrayValue }
            #expect(active.map { $0["id"] } == [.string(result.id)])

            let options = ControlClient.Options(to: [node], timeout: .seconds(20))
            let replies = try await celery.control.revoke(result.id, terminate: true, options)
            #expect(replies == [.init(node: node, value: ["ok": .string("terminate: \(result.id)")])])
            let meta = try await result.ended(timeout: .seconds(20))
            #expect(meta.status == .revoked)

            // Nobody of that name: the time is over, and it is no error.
            let nobody = ControlClient.Options(to: ["nobody@nowhere"], timeout: .milliseconds(50))
            #expect(try await celery.control.ping(nobody).isEmpty)
            // Without answers it returns as soon as the broker has it.
            #expect(try await celery.control.enableEvents(.init(to: [node])).isEmpty)
        }
        #expect(report.abandoned == 0)
    }

    @Test func aBrokerThatIsAwayIsAnError() async throws {
        var configuration = WorkerConfiguration()
        configuration.broker.urls = [try BrokerURL("amqp://127.0.0.1:1//")]
        let celery = Celery(configuration: configuration, logger: .silent)
        defer { celery.close() }
        await #expect(throws: AMQPError.self) { try await celery.inspect().ping() }
        await #expect(throws: AMQPError.self) { try await celery.control.heartbeat() }
    }

    /// The answer when there is one with something in it.
    private static func eventually(_ body: () async throws -> [CeleryValue]?) async throws -> [CeleryValue] {
        for _ in 0..<200 {
            if let answer = try await body(), !answer.isEmpty { return answer }
            try await Task.sleep(for: .milliseconds(20))
        }
        return []
    }
}
