import Testing

@testable import CeleryWorker

@Suite("Settings: durations, patterns, rates, suggestions")
struct ConfigurationValueTests {
    @Test(
        "Durations",
        arguments: [
            ("30", 30_000), ("0.5", 500), ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000),
            ("2d", 172_800_000), ("1e3", 1_000_000),
        ]
    )
    func durations(text: String, milliseconds: Int) {
        #expect(Duration(settingText: text) == .milliseconds(milliseconds))
    }

    @Test(
        "What is no duration",
        arguments: ["", "s", "5 minutes", "inf", "nan", "0x10", "1e400", "1e300d", "--1", "5M"]
    )
    func noDurations(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(
        "Patterns match as Celery's routes do",
        arguments: [
            ("ai.inference.*", "ai.inference.echo", true), ("ai.inference.*", "ai.inference.", true),
            ("ai.inference.*", "ai.inference", false), ("ai.inference.*", "xai.inference.echo", false),
            ("*", "", true), ("*", "anything\nat all", true), ("*.echo", "a.b.echo", true),
            ("*.echo", "a.echo.b", false),
            ("a*b*c", "aXbYbZc", true), ("a*b*c", "acb", false), ("a?*", "ab", true), ("a?*", "a", false),
            ("a?", "ab", false), ("a?", "a?", true), ("[ab]*", "bcd", true), ("[!ab]*", "bcd", false),
            ("[a-c]*", "b", true),
            ("[]]*", "]x", true), ("[*", "[x", true), ("[c-a]*", "b", false), ("[!c-a]*", "b", true),
            ("A*", "ab", false),
            ("[-a]*", "-", true), ("**", "x", true), ("é*", "éx", true),
        ]
    )
    func patterns(pattern: String, name: String, matches: Bool) {
        #expect(GlobPattern(pattern).matches(name) == matches)
    }

    @Test("A pattern made to be slow is not")
    func slowPattern() {
        let pattern = GlobPattern(String(repeating: "a*", count: 50) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
    }

    @Test(
        "Rates",
        arguments: [("10/s", 10), ("10", 10), ("120/m", 2), ("3600/h", 1), ("0.5/s", 0.5), (" 6 / m ", 0.1)]
            as [(String, Double)]
    )
    func rates(text: String, perSecond: Double) {
        #expect(RateLimit(text)?.perSecond == perSecond)
    }

    @Test("What is no rate", arguments: ["", "/s", "10/", "10/d", "-1/s", "0/s", "1/2/s", "x"])
    func noRates(text: String) {
        #expect(RateLimit(text) == nil)
    }

    @Test(
        "Suggestions",
        arguments: [
            ("concurency", "concurrency"), ("Concurrency", "concurrency"), ("soft-time-limit", "soft_time_limit"),
            ("ruotes", "routes"), ("zebra", nil), ("", nil),
        ]
    )
    func suggestions(wrong: String, right: String?) {
        #expect(Suggestion.nearest(to: wrong, among: ConfigKeys.Queue.perQueue.map(\.name)) == right)
    }

    @Test("Where a task goes: its own queue, its very name, the first pattern, the default queue")
    func routes() throws {
        let catalogue = try configuration(
            """
            defaults: {queue: inbox}
            queues:
              wide: {routes: ["a.b.*", "a.*.c"]}
              narrow: {routes: ["a.b.special", "z"]}
            tasks:
              a.b.moved: {queue: narrow}
              "m.*": {queue: inbox, blocking: true}
            """
        ).catalogue
        let expected = [
            "a.b.x": "wide", "a.x.c": "wide", "a.b.special": "narrow", "a.b.moved": "narrow", "z": "narrow",
            "m.x": "inbox",
            "unknown": "inbox",
        ]
        for (task, queue) in expected {
            #expect(catalogue.queue(forTask: task).name == queue, "\(task)")
        }
        #expect(catalogue.route(forTask: "unknown") == nil)
        #expect(catalogue.settings(forTask: "m.x")?.blocking == true)
        #expect(catalogue.queue(forTask: "unknown").routingKey == "inbox")
    }
}
