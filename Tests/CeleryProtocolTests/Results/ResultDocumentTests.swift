import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct ResultDocumentTests {
    private let now: Int64 = 1_767_323_045_678_901

    private func text(_ document: ResultDocument) -> String {
        var stamp = DateStamp()
        return String(decoding: document.bytes(now: now, stamp: &stamp), as: UTF8.self)
    }

    @Test func successIsWhatPythonWrites() {
        let document = ResultDocument(taskID: "id-1", status: .success, result: Array("4".utf8))
        #expect(
            text(document)
                == #"{"status": "SUCCESS", "result": 4, "traceback": null, "children": [], "#
                + #""date_done": "2026-01-02T03:04:05.678901+00:00", "task_id": "id-1"}"#
        )
    }

    @Test func unreadyStatesHaveNoDate() {
        let document = ResultDocument(
            taskID: "i",
            status: .progress,
            result: Array(#"{"current": 1}"#.utf8),
            children: nil
        )
        #expect(
            text(document)
                == #"{"status": "PROGRESS", "result": {"current": 1}, "traceback": null, "children": null, "#
                + #""date_done": null, "task_id": "i"}"#
        )
    }

    @Test func everyFieldStandsInPythonsOrder() {
        let document = ResultDocument(
            taskID: "i",
            status: .failure,
            result: JSONWriter.bytes(ExceptionRecord.valueError("é").value),
            traceback: "Traceback…\n",
            children: [[["c", "i"], .null]],
            groupID: "g",
            parentID: "p",
            extended: .init(
                name: "t.add",
                args: Array("[1, 2]".utf8),
                kwargs: Array("{}".utf8),
                worker: "w@h",
                retries: 12,
                queue: nil,
                stamps: ["stamp": 1, "status": 2]
            )
        )
        #expect(
            text(document)
                == #"{"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["\u00e9"], "#
                + #""exc_module": "builtins"}, "traceback": "Traceback\u2026\n", "children": [[["c", "i"], null]], "#
                + #""date_done": "2026-01-02T03:04:05.678901+00:00", "group_id": "g", "parent_id": "p", "#
                + #""name": "t.add", "args": [1, 2], "kwargs": {}, "worker": "w@h", "retries": 12, "queue": null, "#
                + #""stamped_headers": ["stamp", "status"], "stamp": 1, "task_id": "i"}"#
        )
    }

    @Test func isReadBackAsMeta() throws {
        var stamp = DateStamp()
        let document = ResultDocument(
            taskID: "quote\"",
            status: .retry,
            result: JSONWriter.bytes(ExceptionRecord.runtimeError("again").value),
            groupID: "",
            parentID: "p"
        )
        let meta = try ResultMeta(json: document.bytes(now: now, stamp: &stamp))
        #expect(meta.taskID == "quote\"")
        #expect(meta.status == .retry)
        #expect(meta.exception == .runtimeError("again"))
        #expect(meta.groupID == nil)
        #expect(meta.parentID == "p")
        #expect(meta.doneAt == nil)
    }
}
