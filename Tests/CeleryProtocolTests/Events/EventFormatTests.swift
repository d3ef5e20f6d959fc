import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct EventFormatTests {
    private let format = EventFormat(hostname: "w@h", utcoffset: 0, pid: 42)
    private let now: Int64 = 1_767_323_045_678_901

    private var description: TaskEvent.Description {
        var task = TaskEvent.Description(
            name: "t.add",
            args: "(1, 'é\"')",
            kwargs: "{}",
            rootID: "r",
            parentID: nil,
            retries: 2
        )
        task.eta = "2026-01-02T03:04:05+00:00"
        return task
    }

    /// Byte for byte what Celery's dispatcher sends.
    @Test func taskEventsAreThoseOfCelery() {
        let events: [TaskEvent] = [
            .sent(description, queue: "q", exchange: "", routingKey: "q"), .received(description), .started,
            .succeeded(result: "'x'", runtime: 0.25), .failed(exception: "V('x')", traceback: "T\n"),
            .failed(exception: "NotRegistered('x')", traceback: nil), .retried(exception: "None", traceback: ""),
            .revoked(terminated: true, signum: "SIGTERM", expired: false),
            .revoked(terminated: false, signum: .null, expired: true), .rejected(requeue: true), .cancelled,
        ]
        for (event, message) in zip(events, ControlFixture.shared.events) {
            var bytes: [UInt8] = []
            format.write(event, id: "id-1", clock: message.clock ?? 0, now: now, into: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == message.body)
            #expect(event.type == message.type)
            #expect(EventMessage.routingKey(of: event.type) == message.key)
            #expect(EventMessage.properties(hostname: "w@h") == message.propertyBytes)
        }
        #expect(ControlFixture.shared.events.count == events.count + 1)
    }

    @Test func workerEventsAreThoseOfCelery() throws {
        let message = try #require(ControlFixture.shared.events.last)
        var bytes: [UInt8] = []
        let fields: CeleryMap = ["freq": 2.0, "active": 1, "processed": 7, "loadavg": [0.5, 1.0, 0.01]]
        format.write("worker-heartbeat", fields: fields, clock: message.clock ?? 0, now: now, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == message.body)
        #expect(message.key == "worker.heartbeat")
    }

    @Test func noFieldTakesThePlaceOfACommonOne() throws {
        var bytes: [UInt8] = []
        format.write("x-y", fields: ["type": "z", "pid": 1, "a": 2], clock: 1, now: 5, into: &bytes)
        #expect(
            try JSONParser.parse(bytes) == [
                "hostname": "w@h", "utcoffset": 0.0, "pid": 42, "clock": 1, "a": 2, "timestamp": 0.000005,
                "type": "x-y",
            ]
        )
    }

    @Test func listsAndSingleEventsAreRead() throws {
        for (body, count) in [(#"{"type": "a"}"#, 1), (#"[{"type": "a"}, {"type": "b"}, 3]"#, 2), ("[]", 0)] {
            let head = EventMessage.properties(hostname: "w@h")
            let bytes = head + Array(body.utf8)
            let events = try EventMessage.decode(
                properties: 0..<head.count,
                body: head.count..<bytes.count,
                in: bytes
            )
            #expect(events.count == count)
        }
    }

    @Test(arguments: [
        "null", "true", "3", "-12", "1.5", "1e-05", "\"x\"", #""it's""#, #"{"a": [1, null]}"#, "NaN", "1-2", "--",
        "12345678901234567890123",
    ])
    func resultsArePrintedAsByTheGeneralPath(_ json: String) {
        let value = try? JSONParser.parse(Array(json.utf8))
        guard let value else { return }
        #expect(PythonRepr.repr(json: Array(json.utf8)) == PythonRepr.repr(value))
    }

    @Test func linesAreThoseOfCelery() {
        var lines = EventLine()
        let received: CeleryMap = [
            "type": "task-received", "hostname": "w@h", "timestamp": 1_767_323_045.678901, "uuid": "i", "name": "t.add",
            "args": "(1,)", "kwargs": "{}", "clock": 3, "eta": .null,
        ]
        #expect(
            lines.text(received)
                == "w@h [2026-01-02 03:04:05.678901+00:00] task received: t.add(i) args=(1,) kwargs={} clock=3, eta=None"
        )
        let started: CeleryMap = ["type": "task-started", "hostname": "w@h", "timestamp": 1_767_323_045.0, "uuid": "i"]
        #expect(lines.text(started) == "w@h [2026-01-02 03:04:05+00:00] task started t.add(i) args=(1,) kwargs={} ")
        let beat: CeleryMap = [
            "type": "worker-heartbeat", "hostname": "w@h\n\u{1B}[31m", "timestamp": 1_767_323_045.0, "freq": 2.0,
        ]
        #expect(lines.text(beat) == "w@h\\n?[31m [2026-01-02 03:04:05+00:00] heartbeat: freq=2.0")
        #expect(lines.text(["type": "x"]) == nil)
    }
}
