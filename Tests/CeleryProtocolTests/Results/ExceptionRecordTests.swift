import Testing

@testable import CeleryProtocol

@Suite struct ExceptionRecordTests {
    @Test func printsWhatPythonPrints() throws {
        for expected in try PythonFixture.load().exceptions {
            let message = try JSONParser.parse(Array(expected.message.utf8)).arrayValue
            let record = ExceptionRecord(
                module: expected.module,
                type: expected.type,
                message: try #require(message)
            )
            #expect(record.pythonRepr == expected.repr)
            #expect(record.pythonString == expected.str)
            #expect(record.traceback() == "Traceback (most recent call last):\n" + expected.last)
            #expect(ExceptionRecord(record.value) == record)
        }
    }

    @Test func isStoredInPythonsOrder() {
        let text = String(decoding: JSONWriter.bytes(ExceptionRecord.valueError("x").value), as: UTF8.self)
        #expect(text == #"{"exc_type": "ValueError", "exc_message": ["x"], "exc_module": "builtins"}"#)
    }

    @Test func readsOddRecords() {
        #expect(ExceptionRecord(["exc_type": "E", "exc_message": "x"])?.message == ["x"])
        #expect(ExceptionRecord(["exc_type": "E", "exc_message": "x"])?.module == nil)
        #expect(ExceptionRecord(["exc_type": "E"])?.message == [""])
        #expect(ExceptionRecord(["exc_message": ["x"]]) == nil)
        #expect(ExceptionRecord(.null) == nil)
    }

    @Test func theBuiltinsNameClassesThatAClientHas() {
        let records: [ExceptionRecord] = [
            .notRegistered("a"), .taskRevoked("expired"), .timeLimitExceeded(1), .softTimeLimitExceeded(),
            .workerLost("x"), .maxRetriesExceeded(task: "a", id: "1", arguments: "()", keywords: "{}"),
            .chordError("x"), .reject(reason: nil, requeue: true), .typeError("x"), .valueError("x"),
            .runtimeError("x"),
        ]
        #expect(
            records.map { "\($0.module ?? "").\($0.type)" } == [
                "celery.exceptions.NotRegistered", "celery.exceptions.TaskRevokedError",
                "billiard.exceptions.TimeLimitExceeded", "billiard.exceptions.SoftTimeLimitExceeded",
                "billiard.exceptions.WorkerLostError", "celery.exceptions.MaxRetriesExceededError",
                "celery.exceptions.ChordError", "celery.exceptions.Reject", "builtins.TypeError",
                "builtins.ValueError", "builtins.RuntimeError",
            ]
        )
        #expect(records[5].message == ["Can't retry a[1] args:() kwargs:{}"])
        #expect(records[2].message == [1])
    }

    @Test func tracebacksShowTheirFrames() {
        let frame = ExceptionRecord.Frame(file: "Add.swift", line: 7, function: "run")
        #expect(
            ExceptionRecord.valueError("x").traceback([frame])
                == "Traceback (most recent call last):\n  File \"Add.swift\", line 7, in run\nValueError: x\n"
        )
    }
}
