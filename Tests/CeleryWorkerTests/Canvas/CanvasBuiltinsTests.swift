import CeleryProtocol
import Testing

@testable import CeleryWorker

/// The built-in tasks that need no server.
struct CanvasBuiltinsTests {
    private struct Twice: RunnableTask {
        static let name = "twice"
        var x: Int
        func run(_ context: TaskContext) async throws -> Int { 2 * x }
    }

    private struct Add: RunnableTask {
        static let name = "add"
        var x: Int
        var y: Int
        func run(_ context: TaskContext) async throws -> Int { x + y }
    }

    private func call(_ name: String, _ args: [CeleryValue] = [], _ kwargs: CeleryMap = [:]) async throws -> CeleryValue
    {
        let core = try TestRun.core()
        core.celery.register(Twice.self)
        core.celery.register(Add.self)
        let task = try #require(core.celery.registry[name])
        let run = TestRun.make(try .sample { _ in }, task: task)
        let body = TaskBody.values(args: args, kwargs: kwargs, embed: nil)
        return try JSONParser.parse(try await task.body(TaskContext(run: run, core: core, arguments: body)))
    }

    @Test func accumulate() async throws {
        #expect(try await call("celery.accumulate", [1, 2]) == [1, 2])
        #expect(try await call("celery.accumulate", [[1, 2], 3], ["index": 0]) == [1, 2])
        #expect(try await call("celery.accumulate", [1, 2], ["index": -1]) == 2)
        await #expect(throws: ExceptionRecord.self) { try await call("celery.accumulate", [1], ["index": 4]) }
    }

    @Test func mapsRunTheTaskForEachItem() async throws {
        let twice = Signature("twice", args: [9]).celeryValue
        #expect(try await call("celery.map", [twice, [1, 2, 3]]) == [2, 4, 6])
        #expect(try await call("celery.map", [], ["task": twice, "it": []]) == [])
        let add = Signature("add").celeryValue
        #expect(try await call("celery.starmap", [], ["task": add, "it": [[1, 2], [3, 4]]]) == [3, 7])
    }

    @Test func badArgumentsAreThePythonErrors() async throws {
        let unknown = Signature("unknown").celeryValue
        let add = Signature("add").celeryValue
        for (name, args): (String, [CeleryValue]) in [
            ("celery.map", [unknown, [1]]), ("celery.map", [3, [1]]), ("celery.map", [add]),
            ("celery.starmap", [add, [1]]), ("celery.chain", []), ("celery.chunks", [add, 3, 1]),
            ("celery.group", []), ("celery.chord", [[]]), ("celery.chord_unlock", []),
        ] {
            await #expect(throws: ExceptionRecord.self, "\(name)") { try await call(name, args) }
        }
        await #expect(throws: ArgumentError.self) { try await call("celery.starmap", [add, [[1]]]) }
    }
}
