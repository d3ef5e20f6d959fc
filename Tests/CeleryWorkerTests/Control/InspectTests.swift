import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// What `inspect` shows, without a broker.
@Suite struct InspectTests {
    private static func answer(_ core: WorkerCore, _ method: String, _ arguments: CeleryMap = [:]) -> CeleryValue? {
        ControlCommands.run(ControlRequest(method, arguments: arguments), on: core)
    }

    @Test func activeTask() throws {
        let core = try TestRun.core()
        let run = TestRun.make(try TaskMessage.sample())
        core.running.insert(run)
        let before = Double(WallClock.microseconds) / 1e6
        let info = try #require(Self.answer(core, "active")?.arrayValue?.first?.mapValue)
        #expect(
            Array(info.keys) == [
                "id", "name", "args", "kwargs", "type", "hostname", "time_start", "acknowledged", "delivery_info",
                "worker_pid",
            ]
        )
        #expect(info["id"] == "id-1" && info["name"] == "examples.add" && info["type"] == "examples.add")
        #expect(info["args"] == [1, 2] && info["kwargs"] == [:])
        #expect(info["hostname"] == "celery@test" && info["acknowledged"] == false)
        #expect(
            info["delivery_info"] == ["exchange": "", "routing_key": "q", "priority": 0, "redelivered": false]
        )
        #expect(info["worker_pid"] == .int(Int(core.celery.processID)))
        let start = try #require(info["time_start"]?.doubleValue)
        #expect(abs(start - before) < 5)

        let safe = Self.answer(core, "dump_active", ["safe": true])?.arrayValue?.first
        #expect(safe?["args"] == "(1, 2)" && safe?["kwargs"] == "{}")
        #expect(Self.answer(core, "query_task", ["ids": "id-1"])?["id-1"]?.arrayValue?.first == "active")
        core.running.remove(run)
        #expect(Self.answer(core, "active") == [])
    }

    @Test func scheduledTasksAreListedUntilTheyAreDue() throws {
        let core = try TestRun.core()
        let message = try TaskMessage.sample()
        let number = core.held.hold(message, eta: Timestamp(microsecondsSince1970: 2_000_000))
        core.held.putOff("id-2", eta: Timestamp(microsecondsSince1970: 1_000_000), info: "info", for: .seconds(60))
        let all = try #require(Self.answer(core, "scheduled")?.arrayValue)
        #expect(all.map { $0["eta"] } == ["1970-01-01T00:00:01+00:00", "1970-01-01T00:00:02+00:00"])
        #expect(all[0] == ["eta": "1970-01-01T00:00:01+00:00", "priority": 6, "request": "info"])
        #expect(all[1]["request"]?["time_start"] == .null)
        #expect(Self.answer(core, "query_task", ["ids": ["id-1", "?"]])?["id-1"]?.arrayValue?.first == "scheduled")
        core.held.remove(number)
        #expect(core.held.all().map(\.id) == ["id-2"])
        let limited = core.held.hold(message, eta: nil)
        #expect(Self.answer(core, "reserved")?.arrayValue?.map { $0["id"] } == ["id-1"])
        #expect(Self.answer(core, "scheduled")?.arrayValue?.count == 1)
        core.held.remove(limited)
        #expect(core.held.all(MonotonicTime.now.advanced(by: .seconds(61))).isEmpty)
        #expect(core.held.all().isEmpty)
    }

    @Test func ofManyThatWerePutOffTheLastAreListed() {
        let held = HeldTasks()
        for number in 0..<10_000 {
            held.putOff("\(number)", eta: Timestamp(microsecondsSince1970: 0), info: .null, for: .seconds(60))
        }
        let ids = Set(held.all().map(\.id))
        #expect((2048...4096).contains(ids.count))
        #expect(ids.contains("9999") && !ids.contains("0"))
    }

    /// The whole item, as Celery's own integration test asserts it (`t/integration/test_inspect.py`).
    @Test func activeQueues() throws {
        let expected: CeleryValue = [
            "name": "celery",
            "exchange": [
                "name": "celery", "type": "direct", "arguments": nil, "durable": true, "passive": false,
                "auto_delete": false, "delivery_mode": nil, "no_declare": false,
            ],
            "routing_key": "celery", "queue_arguments": nil, "binding_arguments": nil, "consumer_arguments": nil,
            "durable": true, "exclusive": false, "auto_delete": false, "no_ack": false, "alias": nil, "bindings": [],
            "no_declare": nil, "expires": nil, "message_ttl": nil, "max_length": nil, "max_length_bytes": nil,
            "max_priority": nil,
        ]
        #expect(Self.answer(try TestRun.core(), "active_queues") == [expected])
    }

    @Test func stats() throws {
        let stats = try #require(Self.answer(try TestRun.core(), "stats")?.mapValue)
        #expect(
            Array(stats.keys) == [
                "total", "pid", "clock", "uptime", "pool", "broker", "prefetch_count", "rusage", "chard",
            ]
        )
        #expect(stats["rusage"]?.mapValue?.count == 16)
        #expect(stats["rusage"]?["maxrss"]?.intValue ?? 0 > 1000)
        #expect(stats["broker"]?["password"] == nil)
        #expect(stats["pool"]?["processes"]?.arrayValue?.count == 1)
    }

    @Test func configurationHidesSecrets() throws {
        var configuration = WorkerConfiguration()
        configuration.broker.urls = [try BrokerURL("amqp://me:t0p-s3cret@h:1/v")]
        configuration.resultBackend.url = try RedisURL("redis://:t0p-s3cret@h:1/2")
        let core = try TestRun.core(configuration)
        let own = try #require(Self.answer(core, "conf")?.mapValue)
        #expect(own["broker_url"] == "amqp://me:********@h:1/v")
        #expect(own["deprecated_settings"] == .null)
        let all = try #require(Self.answer(core, "conf", ["with_defaults": true])?.mapValue)
        #expect(all.count > 200 && all["task_default_routing_key"] == "********")
        #expect(all["broker_url"] == own["broker_url"])
        let report = try #require(Self.answer(core, "report")?["ok"]?.stringValue)
        #expect(report.contains("software -> celery:"))
        for text in [String(describing: all), report] { #expect(!text.contains("t0p-s3cret")) }
    }

    @Test(arguments: [
        (512, "512b"), (2048, "2KB"), (56_033_280, "53.438MB"), (3 << 30, "3GB"), (1_181_116_006, "1.1GB"),
    ])
    func memory(bytes: Int, text: String) { #expect(MemorySample.text(ofBytes: bytes) == text) }

    @Test func memoryDump() throws {
        let core = try TestRun.core()
        let first = try #require(Self.answer(core, "memsample")?.stringValue)
        let dump = try #require(Self.answer(core, "memdump")?.stringValue)
        #expect(dump.hasPrefix("- rss (sample):\n-    > \(first),\n- rss (end): "))
        #expect(Self.answer(core, "memdump", ["samples": 3])?.stringValue?.hasPrefix("- rss (end): ") == true)
    }

    @Test(
        arguments: [
            ("TERM", "SIGTERM"), ("SIGKILL", "SIGKILL"), (15, "SIGTERM"), (6, "SIGABRT"), (nil, "SIGTERM"),
        ] as [(CeleryValue, String)]
    )
    func signals(given: CeleryValue, name: String) throws { #expect(try SignalName.normalized(given) == name) }

    @Test func wrongSignals() {
        #expect(throws: ExceptionRecord.typeError("signal name must be uppercase string.")) {
            try SignalName.normalized("term")
        }
        #expect(throws: ExceptionRecord.valueError("signal number 99 out of range")) { try SignalName.normalized(99) }
    }
}
