import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// The words of the answers; where Celery has a command, what Celery 5.7 answered to the same request.
@Suite struct ControlCommandTests {
    private static func core(_ plug: (inout WorkerControls) -> Void = { _ in }) throws -> WorkerCore {
        var controls = WorkerControls()
        controls.setRateLimit = { _, _ in }
        controls.revoke = { _, _ in }
        controls.revokeStamps = { _, _ in }
        controls.terminate = { _, _ in }
        plug(&controls)
        let core = try TestRun.core(controls: controls)
        core.celery.registry.register(RegisteredTask(name: "examples.add", options: TaskOptions()) { _ in [] })
        return core
    }

    private static func answer(_ core: WorkerCore, _ method: String, _ arguments: CeleryMap = [:]) -> CeleryValue? {
        ControlCommands.run(ControlRequest(method, arguments: arguments), on: core)
    }

    @Test(
        arguments: [
            (["task_name": "nope", "rate_limit": "1/s"], ["error": "unknown task"]),
            (
                ["task_name": "examples.add", "rate_limit": "x/s"],
                ["error": "Invalid rate limit string: ValueError(\"could not convert string to float: 'x'\")"]
            ),
            (["task_name": "examples.add", "rate_limit": "5/x"], ["error": "KeyError('x')"]),
            (["task_name": "examples.add", "rate_limit": ""], ["ok": "rate limit disabled successfully"]),
            (["task_name": "examples.add", "rate_limit": 0], ["ok": "rate limit disabled successfully"]),
            (["task_name": "examples.add", "rate_limit": nil], ["ok": "rate limit disabled successfully"]),
            (["task_name": "examples.add", "rate_limit": 5], ["ok": "new rate limit set successfully"]),
            (["task_name": "examples.add", "rate_limit": "5/m"], ["ok": "new rate limit set successfully"]),
            (
                ["task_name": "examples.add"],
                ["error": "TypeError(\"rate_limit() missing 1 required positional argument: 'rate_limit'\")"]
            ),
        ] as [(CeleryMap, CeleryValue)]
    )
    func rateLimit(arguments: CeleryMap, expected: CeleryValue) throws {
        #expect(Self.answer(try Self.core(), "rate_limit", arguments) == expected)
    }

    @Test func rateLimitIsPassedOn() throws {
        let calls = Tally<String>()
        let core = try Self.core { $0.setRateLimit = { calls.add("\($1.task) \($1.limit?.description ?? "none")") } }
        for limit: CeleryValue in ["10/m", "0", 5, 0.5] {
            _ = Self.answer(core, "rate_limit", ["task_name": "examples.add", "rate_limit": limit])
        }
        #expect(calls.values == ["examples.add 10/m", "examples.add none", "examples.add 5", "examples.add 0.5"])
    }

    @Test func registeredShowsTheRateLimit() throws {
        let core = try Self.core { $0.rateLimit = { _, _ in RateLimit("10/m") } }
        #expect(Self.answer(core, "registered") == ["examples.add [rate_limit=10/m]"])
    }

    @Test(
        arguments: [
            (["task_name": "examples.add", "soft": 1, "hard": 2.5], ["ok": "time limits set successfully"]),
            (["task_name": "nope", "soft": 1], ["error": "unknown task"]),
            ([:], ["error": "unknown task"]),
        ] as [(CeleryMap, CeleryValue)]
    )
    func timeLimit(arguments: CeleryMap, expected: CeleryValue) throws {
        #expect(Self.answer(try Self.core(), "time_limit", arguments) == expected)
    }

    @Test func timeLimitHoldsForTheNextAdmission() throws {
        let core = try Self.core()
        let known = TestRun.make(try TaskMessage.sample()).known
        #expect(core.overrides.applied(to: known)?.rules.hardTimeLimit == nil)
        _ = Self.answer(core, "time_limit", ["task_name": "examples.add", "soft": 1, "hard": 2])
        let rules = core.overrides.applied(to: known)?.rules
        #expect(rules?.softTimeLimit == .seconds(1))
        #expect(rules?.hardTimeLimit == .seconds(2))
        _ = Self.answer(core, "time_limit", ["task_name": "examples.add"])
        #expect(core.overrides.applied(to: known)?.rules.softTimeLimit == nil)
    }

    @Test(
        arguments: [
            ("revoke", ["task_id": "a"], ["ok": "tasks {'a'} flagged as revoked"]),
            ("revoke", ["task_id": ["a", "b", "a"]], ["ok": "tasks {'a', 'b'} flagged as revoked"]),
            ("revoke", ["task_id": []], ["ok": "tasks set() flagged as revoked"]),
            ("revoke", ["task_id": "a", "terminate": true], ["ok": "terminate: tasks unknown"]),
            ("terminate", ["task_id": ["a"], "signal": "KILL"], ["ok": "terminate: tasks unknown"]),
            (
                "revoke", ["task_id": "a", "terminate": true, "signal": "SIGFOO"],
                ["error": "AttributeError(\"module 'signal' has no attribute 'SIGFOO'\")"]
            ),
            (
                "revoke_by_stamped_headers", ["headers": ["h": ["v"], "i": "w"]],
                ["ok": "headers {'h': ['v'], 'i': 'w'} flagged as revoked, but not terminated"]
            ),
            (
                "revoke_by_stamped_headers", ["headers": ["h=v"]],
                ["ok": "headers {'h': 'v'} flagged as revoked, but not terminated"]
            ),
            ("revoke_by_stamped_headers", ["headers": ["h"]], ["error": "IndexError('list index out of range')"]),
            (
                "revoke_by_stamped_headers", ["headers": ["h": "v"], "terminate": true],
                ["ok": "headers {'h': 'v'} were not terminated"]
            ),
            ("pool_restart", [:], ["error": "ValueError('Pool restarts not enabled')"]),
            ("autoscale", ["max": 3, "min": 1], ["error": "ValueError('Autoscale not enabled')"]),
            ("objgraph", [:], ["error": "ImportError('Requires the objgraph library')"]),
            (
                "add_consumer", [:],
                ["error": "TypeError(\"add_consumer() missing 1 required positional argument: 'queue'\")"]
            ),
            ("nope", [:], ["error": "KeyError('nope')"]),
            ("active", ["foo": 1], []),
            ("query_task", ["ids": ["x"]], [:]),
            ("scheduled", [:], []),
            ("reserved", ["safe": true], []),
        ] as [(String, CeleryMap, CeleryValue)]
    )
    func words(method: String, arguments: CeleryMap, expected: CeleryValue) throws {
        #expect(Self.answer(try Self.core(), method, arguments) == expected)
    }

    /// A part that the worker lacks is never answered with success.
    @Test(arguments: ["pool_grow", "pool_shrink", "cancel_consumer", "add_consumer", "revoke", "rate_limit"])
    func missingParts(method: String) throws {
        let core = try Self.core {
            $0 = WorkerControls()
            ($0.growPool, $0.shrinkPool, $0.addConsumer, $0.cancelConsumer) = (nil, nil, nil, nil)
            ($0.revoke, $0.setRateLimit) = (nil, nil)
        }
        let arguments: CeleryMap =
            switch method {
            case "revoke": ["task_id": "a"]
            case "rate_limit": ["task_name": "examples.add", "rate_limit": "1/s"]
            case "pool_grow", "pool_shrink": ["n": 1]
            default: ["queue": "q"]
            }
        #expect(Self.answer(core, method, arguments) == ["error": .string("\(method) is not available in this worker")])
    }

    @Test func poolCommandsPassOnTheirNumber() throws {
        let calls = Tally<String>()
        let core = try Self.core {
            $0.growPool = { _, count in calls.add("grow \(count)") }
            $0.shrinkPool = { _, count in calls.add("shrink \(count)") }
        }
        #expect(Self.answer(core, "pool_grow", ["n": 2]) == ["ok": "pool will grow"])
        #expect(Self.answer(core, "pool_shrink") == ["ok": "pool will shrink"])
        #expect(calls.values == ["grow 2", "shrink 1"])
    }

    @Test func aPoolThatScalesItself() throws {
        let core = try Self.core {
            $0.autoscaler = { _ in AutoscalerState(maximum: 9, minimum: 2, current: 3, tasks: 1) }
            $0.setAutoscale = { _, _ in }
            $0.growPool = { _, _ in }
        }
        let error = "pool_grow is not supported with autoscale. Adjust autoscale range instead."
        #expect(Self.answer(core, "pool_grow", ["n": 2]) == ["error": .string(error)])
        #expect(Self.answer(core, "autoscale", ["max": 9, "min": 2]) == ["ok": "autoscale now max=9 min=2"])
        #expect(Self.answer(core, "stats")?["autoscaler"] == ["max": 9, "min": 2, "current": 3, "qty": 1])
    }

    @Test func consumers() throws {
        let calls = Tally<String>()
        let core = try Self.core {
            $0.addConsumer = { _, queue in
                calls.add("\(queue.name) \(queue.routingKey) \(queue.kind) \(queue.maxPriority ?? 0)")
            }
            $0.cancelConsumer = { _, queue in calls.add("no \(queue)") }
        }
        #expect(Self.answer(core, "add_consumer", ["queue": "x", "exchange": nil]) == ["ok": "add consumer x"])
        let options: CeleryMap = ["queue": "y", "routing_key": "k", "max_priority": 3, "durable": true]
        #expect(Self.answer(core, "add_consumer", options) == ["ok": "add consumer y"])
        #expect(Self.answer(core, "cancel_consumer", ["queue": "x"]) == ["ok": "no longer consuming from x"])
        #expect(Self.answer(core, "add_consumer", ["queue": "z", "exchange_type": "topic"])?["error"] != nil)
        #expect(Self.answer(core, "add_consumer", ["queue": ""])?["error"] != nil)
        #expect(calls.values == ["x x classic 0", "y k classic 3", "no x"])
    }

    @Test func aProgramsOwnCommand() throws {
        let core = try Self.core()
        core.celery.registerControlCommand("double") { arguments in
            guard let number = arguments["n"]?.intValue else { throw ExceptionRecord.runtimeError("no n") }
            return .ok("\(number * 2)")
        }
        #expect(Self.answer(core, "double", ["n": 4]) == ["ok": "8"])
        #expect(Self.answer(core, "double") == ["error": "RuntimeError('no n')"])
    }

    @Test func shutdownAnswersNothing() throws {
        let core = try Self.core()
        let begun = Tally<String>()
        core.shutdown.onBegin { begun.add("begun") }
        #expect(Self.answer(core, "shutdown", ["msg": "bye"]) == nil)
        #expect(begun.values == ["begun"])
    }
}
