import CeleryProtocol
import Logging
import OrderedCollections
import Testing

@testable import CeleryMonitor

/// The rules of `Task.event` in `celery/events/state.py`, in whatever order and however often events come.
@Suite struct HistoryMergingTests {
    private static let now = Fixture.now

    /// Events of one task as `type@second`, and the state that must come of them.
    @Test(arguments: [
        ("sent@0", "PENDING"),
        ("sent@0 received@1", "RECEIVED"),
        ("sent@0 received@1 started@2 succeeded@3", "SUCCESS"),
        ("succeeded@3 started@2 received@1 sent@0", "SUCCESS"),
        ("received@1 started@2 failed@3", "FAILURE"),
        ("failed@3 received@1 started@2", "FAILURE"),
        ("received@1 started@2 succeeded@3 failed@4", "SUCCESS"),
        ("received@1 revoked@2", "REVOKED"),
        ("revoked@2 received@1", "REVOKED"),
        ("received@1 rejected@2", "RECEIVED"),
        ("received@1 started@2 retried@3", "RETRY"),
        ("received@1 started@2 retried@3 received@4", "RECEIVED"),
        ("received@1 started@2 retried@3 received@4 started@5 succeeded@6", "SUCCESS"),
        ("received@1 started@2 retried@3 received@4 started@5 failed@6", "FAILURE"),
        ("received@1 progress@2", "PROGRESS"),
        ("progress@2 succeeded@3 progress@4", "SUCCESS"),
        ("started@2 received@1", "STARTED"),
        // Celery lets any event win against a retry; here the times say which was first.
        ("succeeded@6 retried@3", "SUCCESS"),
        ("retried@3 started@2", "RETRY"),
    ])
    func statesHaveAPrecedence(events: String, state: String) async throws {
        let history = try Fixture.history()
        for event in Self.parse(events) { try await history.add([event], now: Self.now + 10) }
        #expect(try await history.task("t")?.state == state)
        // The same in one batch, and told again.
        let other = try Fixture.history()
        let accepted = try await other.add(Self.parse(events), now: Self.now + 10)
        #expect(accepted.events == Self.parse(events).count)
        let again = try await other.add(Self.parse(events), now: Self.now + 10)
        #expect(again.events == 0 && again.counts.isEmpty)
        let one = try await history.task("t")
        #expect(try await other.task("t") == one)
    }

    private static func parse(_ text: String) -> [CeleryMap] {
        text.split(separator: " ").map { part in
            let parts = part.split(separator: "@")
            return Fixture.event(String(parts[0]), "t", at: now + (Double(parts[1]) ?? 0))
        }
    }

    @Test func aLogicalClockThatBeganAnewDecidesNothing() async throws {
        let history = try Fixture.history()
        try await history.add([Fixture.event("received", "t", at: Self.now, ["clock": 900_000])], now: Self.now)
        try await history.add([Fixture.event("started", "t", at: Self.now + 1, ["clock": 3])], now: Self.now + 1)
        #expect(try await history.task("t")?.state == "STARTED")
    }

    @Test func fieldsComeFromThoseWhoKnowThem() async throws {
        let history = try Fixture.history()
        try await history.add(
            [
                Fixture.event("succeeded", "t", at: Self.now + 3, ["result": "4", "runtime": 0.5]),
                Fixture.event(
                    "received",
                    "t",
                    at: Self.now + 1,
                    [
                        "name": "proj.add", "args": "(2, 2)", "kwargs": "{'tenant_id': 'acme'}", "root_id": "r",
                        "parent_id": "p", "retries": 2, "eta": nil,
                    ]
                ),
                Fixture.event(
                    "sent",
                    "t",
                    at: Self.now,
                    by: "gen1@here",
                    ["name": "proj.add", "args": "(9, 9)", "queue": "mail", "exchange": "", "routing_key": "mail"]
                ),
            ],
            now: Self.now + 4
        )
        let task = try #require(try await history.task("t"))
        #expect(task.name == "proj.add" && task.args == "(2, 2)" && task.result == "4" && task.runtime == 0.5)
        #expect(task.worker == "celery@one" && task.client == "gen1@here" && task.queue == "mail")
        #expect(task.rootID == "r" && task.parentID == "p" && task.retries == 2 && task.tenant == "acme")
        #expect(task.timestamp == Self.now + 3 && task.sent == Self.now && task.received == Self.now + 1)
        #expect(try await history.moments("t").map(\.type) == ["task-sent", "task-received", "task-succeeded"])
    }

    @Test func theTimelineKeepsEveryAttemptUpToABound() async throws {
        let history = try Fixture.history()
        for attempt in 0..<150 {
            let time = Self.now + Double(attempt * 10)
            try await history.add(
                [
                    Fixture.event("received", "t", at: time), Fixture.event("started", "t", at: time + 1),
                    Fixture.event("retried", "t", at: time + 2, ["exception": .string("E(\(attempt))")]),
                ],
                now: time + 3
            )
        }
        let moments = try await history.moments("t")
        #expect(moments.count > 100 && moments.count <= EventBatch.maxMoments + 3)
        #expect(
            moments.last
                == TaskMoment(type: "task-retried", time: Self.now + 1492, worker: "celery@one", text: "E(149)")
        )
        #expect(moments.map(\.time) == moments.map(\.time).sorted())
    }

    @Test func hostileEventsHarmNothing() async throws {
        let history = try Fixture.history { $0.maxText = 100 }
        let long = String(repeating: "ä\u{1F600}\0", count: 100_000)
        let accepted = try await history.add(
            [
                ["type": "task-received"], ["type": 5, "uuid": "a"], [:], ["type": "task-received", "uuid": ""],
                ["type": "worker-heartbeat", "uuid": "a"], ["type": "task-received", "uuid": .string(long)],
                Fixture.event(
                    "received",
                    "a",
                    at: 1e300,
                    ["name": .string(long), "args": .string(long), "retries": "x"]
                ),
                Fixture.event("started", "a", at: -5, ["runtime": "soon", "clock": .bigInt("999999999999999999999")]),
                Fixture.event("succeeded", "a", at: Self.now, ["result": .array([.map(["x": 1])]), "runtime": -3]),
            ],
            now: Self.now
        )
        #expect(accepted.events == 3)
        let task = try #require(try await history.task("a"))
        #expect(task.args?.utf8.count ?? 0 <= 100 && task.args?.hasSuffix("…") == true)
        #expect(task.received == Self.now && task.runtime == nil && task.result == "[{'x': 1}]")
    }

    @Test func secretsAreTakenOutBeforeAnythingIsStored() async throws {
        let history = try History(
            Fixture.settings(),
            logger: .init(label: "test"),
            redact: { $0.replacing("hunter2", with: "***") }
        )
        try await history.add(
            [
                Fixture.event("received", "t", ["args": "('hunter2',)", "kwargs": "{'password': 'hunter2'}"]),
                Fixture.event("succeeded", "t", at: Self.now + 1, ["result": "'hunter2'"]),
            ],
            now: Self.now + 1
        )
        let task = try #require(try await history.task("t"))
        #expect([task.args, task.kwargs, task.result] == ["('***',)", "{'password': '***'}", "'***'"])
        #expect(try await history.tasks(TaskFilter(text: "hunter2"), after: nil, limit: 5).tasks.isEmpty)
    }

    @Test(
        arguments: [
            ("{'tenant_id': 'acme', 'n': 1}", "acme"), ("{'n': 1, 'tenant_id': 42}", "42"),
            ("('x', {'tenant_id': \"o'x\"})", "o'x"),
            ("{'tenant_id': None}", nil), ("{'tenant_id': 'cut o", nil), ("{}", nil), ("", nil),
            ("{'tenant_id': }", nil),
        ] as [(String, String?)]
    )
    func theTenantIsFoundInArguments(repr: String, tenant: String?) {
        #expect(TenantArgument.value(in: repr) == tenant)
    }
}
