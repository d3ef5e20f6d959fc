import CeleryProtocol
import Connections
import OrderedCollections
import Testing

@testable import CeleryWorker

@Suite struct ControlCommandsTests {
    private func run(_ method: String, _ arguments: CeleryMap = [:], on core: WorkerCore? = nil) throws -> CeleryValue?
    {
        ControlCommands.run(ControlRequest(method, arguments: arguments), on: try core ?? TestRun.core())
    }

    @Test func answersAndErrorsAreThoseOfCelery() throws {
        #expect(try run("ping") == ["ok": "pong"])
        #expect(try run("ping", ["x": 1]) == ["ok": "pong"])
        #expect(try run("heartbeat") == .null)
        #expect(try run("nope") == ["error": "KeyError('nope')"])
        #expect(
            try run("heartbeat", ["x": 1])
                == ["error": #"TypeError("heartbeat() got an unexpected keyword argument 'x'")"#]
        )
        #expect(
            try run("election", ["id": "i"])
                == ["error": #"TypeError("election() missing 1 required positional argument: 'topic'")"#]
        )
        let many = CeleryMap(uniqueKeysWithValues: (0..<2000).map { ("k\($0)", 1) })
        #expect(try run("ping", many)?["error"] != nil)
    }

    @Test func eventsAreSwitched() throws {
        let core = try TestRun.core()
        #expect(try run("disable_events", on: core) == ["ok": "task events already disabled"])
        #expect(try run("enable_events", on: core) == ["ok": "task events enabled"])
        #expect(core.events.isEnabled)
        #expect(try run("enable_events", on: core) == ["ok": "task events already enabled"])
        #expect(try run("disable_events", on: core) == ["ok": "task events disabled"])
        #expect(!core.events.isEnabled)
    }

    /// As of a Python worker, whose set of groups is empty then.
    @Test func theOptionCannotBeSwitchedOff() throws {
        var configuration = WorkerConfiguration()
        configuration.worker.taskEvents = true
        let core = try TestRun.core(configuration)
        #expect(try run("disable_events", on: core) == ["ok": "task events already disabled"])
        #expect(try run("enable_events", on: core) == ["ok": "task events already enabled"])
        #expect(core.events.isEnabled)
    }

    @Test func helloTellsWhatIsRevoked() throws {
        let core = try TestRun.core()
        core.revocations.revoke(["mine"])
        #expect(try run("hello", ["from_node": .string(core.nodename)], on: core) == .null)
        let answer = try run("hello", ["from_node": "w@x", "revoked": ["a"]], on: core)
        #expect(answer == ["revoked": ["mine", "a"], "clock": 1])
        _ = try run("hello", ["from_node": "w@x", "revoked": ["b": [1.5, "b"]]], on: core)
        #expect(core.revocations.snapshot == ["mine", "a", "b"])
    }

    @Test(arguments: [
        ("*", "glob", true), ("w?@h", "glob", true), ("w[0-9]@h", "glob", true), ("w1", "glob", false),
        ("W1@h", "glob", false), ("w\\d", "pcre", true), ("@h", "pcre", false), ("w1@h", "glob", true),
    ])
    func patterns(_ pattern: String, _ matcher: String, _ isMeant: Bool) throws {
        var request = ControlRequest("ping")
        request.pattern = pattern
        request.matcher = matcher
        #expect(try request.isMeant(for: "w1@h") == isMeant)
    }

    @Test func destinations() throws {
        var request = ControlRequest("ping")
        #expect(try request.isMeant(for: "w@h"))
        request.destination = ["x@h"]
        request.pattern = "*"
        request.matcher = "glob"
        #expect(try !request.isMeant(for: "w@h"))
        request.destination = []
        request.matcher = "sql"
        #expect(throws: ControlMessageError.self) { try request.isMeant(for: "w@h") }
        request.matcher = "pcre"
        request.pattern = "("
        #expect(throws: ControlMessageError.self) { try request.isMeant(for: "w@h") }
    }

    @Test func channelsAreTriedAgainLessAndLess() {
        var channels = ControlChannels()
        let start = MonotonicTime(nanoseconds: 0)
        channels.opened(.events)
        let isFirst = channels.failed(.inbox, at: start)
        #expect(isFirst)
        #expect(channels.due(start).isEmpty)
        #expect(channels.nextAttempt == start.advanced(by: .milliseconds(250)))
        #expect(channels.due(channels.nextAttempt) == [.inbox])
        let isFirstAgain = (0..<20).map { _ in channels.failed(.inbox, at: start) }.contains(true)
        #expect(!isFirstAgain)
        #expect(channels.nextAttempt == start.advanced(by: .seconds(16)))
        channels.opened(.inbox)
        #expect(channels.isOpen(.inbox) && channels.isOpen(.events))
        #expect(channels.nextAttempt == .distantFuture)
    }
}
