import CeleryProtocol
import CeleryWorker
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct TaskPostingTests {
    private func posting(_ json: String) throws -> TaskPosting { try TaskPosting(Array(json.utf8)) }

    @Test func anEmptyBodyIsATaskWithoutArguments() throws {
        let posting = try posting("")
        #expect(posting.args.isEmpty && posting.kwargs.isEmpty && posting.options.eta == nil)
    }

    @Test func optionsAreRead() throws {
        let posting = try posting(
            """
            {"args": [1, "x"], "kwargs": {"a": null}, "queue": "q", "countdown": "1.5", "expires": 60, "priority": 9,
             "task_id": "id", "time_limit": 30, "soft_time_limit": 20, "ignore_result": true, "headers": {"h": 1},
             "timeout": 5, "retry": false}
            """
        )
        #expect(posting.args == [1, "x"] && posting.kwargs == ["a": .null])
        let options = posting.options
        #expect(options.queue == "q" && options.countdown == .seconds(1.5) && options.expires == .seconds(60))
        #expect(options.priority == 9 && options.id == "id" && options.hardTimeLimit == .seconds(30))
        #expect(options.softTimeLimit == .seconds(20) && options.ignoreResult == true && posting.timeout == 5)
    }

    @Test func timesAreReadAsFlowerAndISO() throws {
        let wanted = Timestamp(microsecondsSince1970: 1_900_000_000_250_000)
        #expect(try posting(#"{"eta": "2030-03-17 17:46:40.250000"}"#).options.eta == wanted)
        #expect(try posting(#"{"eta": "2030-03-17T17:46:40.250000+00:00"}"#).options.eta == wanted)
        #expect(try posting(#"{"expires": "1999-01-01 00:00:00.0"}"#).options.expires == .zero)
    }

    @Test(arguments: [
        "{", "[]", "3", #"{"args": 3}"#, #"{"kwargs": []}"#, #"{"eta": "soon"}"#, #"{"countdown": "soon"}"#,
        #"{"priority": 256}"#, #"{"queue": ""}"#, #"{"link": {}}"#, #"{"serializer": "pickle"}"#,
        #"{"eta": "2030-02-31 00:00:00.0"}"#, #"{"countdown": 1e999}"#, #"{"headers": 3}"#,
    ])
    func isRefused(json: String) {
        #expect(throws: APIError.self) { try posting(json) }
    }

    @Test func hugeTimesAreBounded() throws {
        #expect(try posting(#"{"countdown": 1e300}"#).options.countdown ?? .zero < .seconds(4_000_000_000))
    }
}
