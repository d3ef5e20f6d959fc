import CeleryProtocol
import Connections
import Logging
import Testing

@testable import CeleryWorker

/// Results of groups and chains, on a real Redis.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)))
struct CanvasResultTests {
    private let celery: Celery
    private let results: RedisResults
    private let name = ServersUnderTest.name()

    init() throws {
        var configuration = WorkerConfiguration()
        configuration.resultBackend.url = try ServersUnderTest.redis.map { try RedisURL($0) }
        configuration.resultBackend.expires = .seconds(60)
        celery = Celery(configuration: configuration, logger: .silent)
        results = try #require(celery.results)
    }

    private func store(_ id: String, _ status: TaskState, _ result: String) async throws {
        try await results.store(ResultDocument(taskID: "\(name)-\(id)", status: status, result: Array(result.utf8)))
    }

    private func tuple(_ id: String, parent: ResultTuple? = nil, _ children: [ResultTuple]? = nil) -> ResultTuple {
        ResultTuple(id: "\(name)-\(id)", parent: parent, children: children)
    }

    @Test func aGroupHasTheValuesOfItsTasksInOrder() async throws {
        let inner = tuple("inner", [tuple("b"), tuple("c")])
        let group = CanvasResult(tuple("g", [tuple("a"), inner]), results: results)
        try await store("c", .success, "3")
        #expect(try await group.completedCount() == 1)
        #expect(try await !group.isReady())
        async let value = group.value(timeout: .seconds(20))
        try await store("b", .success, "2")
        try await store("a", .success, "1")
        #expect(try await value == [1, [2, 3]])
        #expect(try await group.isReady())
        #expect(try await group.isSuccessful())
        #expect(group.children?.map(\.id) == ["\(name)-a", "\(name)-inner"])
        try await group.forget()
        #expect(try await group.completedCount() == 0)
        celery.close()
    }

    @Test func aFailureIsThrown() async throws {
        let group = CanvasResult(tuple("g", [tuple("a"), tuple("b")]), results: results)
        try await store("a", .failure, #"{"exc_type": "ValueError", "exc_message": ["no"], "exc_module": "builtins"}"#)
        await #expect(throws: TaskFailure.self) { try await group.value(timeout: .seconds(5)) }
        await #expect(throws: CeleryError.self) {
            try await CanvasResult(tuple("never"), results: results).value(timeout: .milliseconds(50))
        }
        try await group.forget()
        celery.close()
    }

    @Test func aSavedGroupIsRestored() async throws {
        let first = tuple("first")
        let group = CanvasResult(tuple("g", parent: first, [tuple("a"), tuple("b")]), results: results)
        #expect(group.parents.map(\.id) == [first.id])
        #expect(try await celery.restoreGroup(group.id) == nil)
        try await group.save()
        #expect(try await celery.restoreGroup(group.id)?.tuple == group.tuple)
        let lifetime = try await results.client.send(RedisCommand("TTL", key: results.chords.key(group.id)))
        #expect((1...60).contains(lifetime.integer ?? 0))
        try await group.deleteSaved()
        #expect(try await celery.restoreGroup(group.id) == nil)
        celery.close()
    }
}
