import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct ResultMetaTests {
    /// As Celery 5.7 writes it with `result_extended` and a stamp.
    private let full =
        #"{"status": "SUCCESS", "result": {"a": [1, 2.0]}, "traceback": null, "children": [[["c", "i"], null]], "#
        + #""date_done": "2026-01-02T03:04:05.678901+00:00", "group_id": "g", "parent_id": "p", "name": "t.add", "#
        + #""args": [1, 2], "kwargs": {"k": null}, "worker": "w@h", "retries": 1, "queue": "celery", "#
        + #""stamped_headers": ["s"], "s": [1], "task_id": "i"}"#

    @Test func writesWhatItRead() throws {
        let meta = try ResultMeta(json: Array(full.utf8))
        #expect(String(decoding: meta.json, as: UTF8.self) == full)
        #expect(meta.status == .success)
        #expect(meta.result == ["a": [1, 2.0]])
        #expect(meta.doneAt?.microsecondsSince1970 == 1_767_323_045_678_901)
        #expect(meta.extended?.retries == 1)
        #expect(meta.extended?.args == [1, 2])
        #expect(meta.others == ["stamped_headers": ["s"], "s": [1]])
        #expect(meta.exception == nil)
    }

    @Test func littleIsNeeded() throws {
        let meta = try ResultMeta(json: Array(#"{"status": "FAILURE", "result": "odd"}"#.utf8))
        #expect(meta == ResultMeta(taskID: "", status: .failure, result: "odd"))
        #expect(meta.exception == nil)
    }

    @Test(arguments: ["", "null", "[]", "{}", #"{"status": null}"#, #"{"status": "SUCCESS""#])
    func refusesWhatIsNoDocument(_ text: String) {
        #expect(throws: JSONError.self) { try ResultMeta(json: Array(text.utf8)) }
    }
}
