import CeleryProtocol
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct HistorySearchTests {
    private static func filled() async throws -> History {
        let history = try Fixture.history()
        try await history.add(
            [
                Fixture.event("received", "a", ["name": "shop.mail_send", "args": "('Ünïcode ßtraße', 'order-77')"]),
                Fixture.event("failed", "a", at: Fixture.now + 1, ["exception": "ValueError('no such customer')"]),
                Fixture.event("received", "b", ["name": "shop.index", "kwargs": "{'q': 'naïve 東京 search'}"]),
                Fixture.event("succeeded", "b", at: Fixture.now + 1, ["result": "'found 12'"]),
            ],
            now: Fixture.now + 1
        )
        return history
    }

    @Test(arguments: [
        ("mail", "a"), ("MAIL", "a"), ("cust", "a"), ("order-77", "a"), ("valueerror such", "a"), ("shop", "ab"),
        ("unicode", "a"), ("東京", "b"), ("naive", "b"), ("found 12", "b"), ("12 shop", "b"), ("customer found", ""),
        ("ail", ""), ("'q': 'naïve", "b"),
    ])
    func wordsAndTheirBeginningsAreFound(text: String, ids: String) async throws {
        let found = try await Self.filled().tasks(TaskFilter(text: text), after: nil, limit: 10)
        #expect(found.tasks.map(\.id).sorted().joined() == ids)
        #expect(found.total == ids.count)
    }

    /// Nothing that somebody types is an error; what holds no word filters nothing.
    @Test(arguments: [
        "\"", "'", "*", "AND", "OR NOT NEAR(", "a AND", "name:x", "{a b}: c", "^a", "-a", "+", "()", "\\", "\0",
        ";DROP TABLE tasks",
        "\u{1F600}", "e\u{301}", "x\u{200D}y", "ǅ Ⅷ ²", "\u{11F02}\u{1E4D0}a",
        String(repeating: "long ", count: 10_000),
        String(repeating: "x", count: 100_000), "%", "_", "[", "?", "\u{E000}", "a\u{0903}b",
    ])
    func hostileTextIsNoError(text: String) async throws {
        let history = try await Self.filled()
        _ = try await history.tasks(TaskFilter(text: text), after: nil, limit: 10)
        _ = try await history.tasks(
            TaskFilter(name: text + "*", worker: "*" + text, queue: text, tenant: text, id: text, root: text),
            after: nil,
            limit: 10
        )
    }

    @Test func whatChangedIsFoundAsItIsNow() async throws {
        let history = try Fixture.history()
        try await history.add([Fixture.event("received", "a", ["name": "n", "args": "('early',)"])], now: Fixture.now)
        try await history.add(
            [
                Fixture.event("retried", "a", at: Fixture.now + 1, ["exception": "Flaky()"]),
                Fixture.event("received", "a", at: Fixture.now + 2, ["args": "('late',)"]),
            ],
            now: Fixture.now + 2
        )
        #expect(try await history.tasks(TaskFilter(text: "early"), after: nil, limit: 5).tasks.isEmpty)
        #expect(try await history.tasks(TaskFilter(text: "late flaky"), after: nil, limit: 5).tasks.count == 1)
    }

    @Test(arguments: [
        ("celery@a", "celery@a", true), ("celery@a", "*", true), ("celery@a", "celery*", true),
        ("celery@a", "*@a", true),
        ("celery@a", "*l*y*", true), ("celery@a", "*b", false), ("a", "a*a", false), ("aa", "a*a", true),
        ("", "*", true),
        ("x.y", "x?y", false),
    ])
    func starsStandForAnyCharacters(text: String, pattern: String, matches: Bool) {
        #expect(StarPattern.matches(text, pattern) == matches)
    }
}
