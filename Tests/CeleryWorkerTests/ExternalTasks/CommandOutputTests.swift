import CeleryProtocol
import Connections
import Foundation
import Testing

@testable import CeleryWorker

/// What the output of a command means.
struct CommandOutputTests {
    private func output(_ pieces: String..., maxBytes: Int = 1000) -> CommandOutput {
        let output = CommandOutput(maxBytes: maxBytes) { _ in }
        for piece in pieces { output.append(Array(piece.utf8)[...]) }
        return output
    }

    private func result(_ output: CommandOutput) -> String {
        output.end(.ended(.code(0)))
        return String(decoding: output.result(), as: UTF8.self)
    }

    @Test func results() {
        #expect(result(output("{\"result\": 1}\n{\"result\": [2]}\n")) == "[2]")
        #expect(result(output("{\"res", "ult\": 1}")) == "1", "without a last line end, in pieces")
        #expect(result(output("{\"progress\": 1}\nnoise\n")) == "null")
        #expect(result(output("{\"a\":\n1}\n")) == "{\"a\": 1}")
        #expect(result(output("text\n")) == "\"text\"")
        #expect(result(output("")) == "null")
        #expect(result(output("{\"result\": 1, \"x\": 2}\n")) == "{\"result\": 1, \"x\": 2}", "no line of ours")
    }

    @Test func checkpointsMeanSomethingOnlyWhereTheyAreTaken() async {
        #expect(result(output("{\"checkpoint\": 1}\n")) == "{\"checkpoint\": 1}")
        let taking = CommandOutput(maxBytes: 1000, takesCheckpoints: true) { _ in }
        taking.append(Array("{\"checkpoint\": 1}\n{\"checkpoint\": 2}\n".utf8)[...])
        taking.end(.ended(.code(0)))
        guard case .checkpoint(2) = await taking.next(), case .ended = await taking.next() else {
            Issue.record("not the newest checkpoint, then the end")
            return
        }
        #expect(!taking.hasResult && result(taking) == "null")
    }

    @Test func theNewestProgressComesFirstThenTheEnd() async {
        let output = output("{\"progress\": 1}\n{\"progress\": 2}\n")
        output.end(.ended(.code(0)))
        guard case .progress(2) = await output.next() else {
            Issue.record("not the newest")
            return
        }
        guard case .ended = await output.next() else {
            Issue.record("not the end")
            return
        }
    }

    @Test func tooMuch() async {
        for text in [String(repeating: "line\n", count: 300), String(repeating: "x", count: 1001)] {
            guard case .tooLarge = await output(text).next() else {
                Issue.record("\(text.count) bytes were accepted")
                return
            }
        }
        let chatty = output(String(repeating: "{\"progress\": 1}\n", count: 300))
        guard case .progress = await chatty.next() else {
            Issue.record("progress is no output")
            return
        }
    }

    @Test func errors() {
        let output = output("{\"error\": {\"type\": \"a.b.C\", \"message\": [1, \"x\"]}}\n")
        #expect(output.error == ExceptionRecord(module: "a.b", type: "C", message: [1, "x"]))
        output.appendErrors(Array("first\nthe l\u{1b}ast".utf8)[...])
        output.end(.ended(.code(1)))
        #expect(output.lastErrorLine == "the l?ast")
        #expect(ExceptionRecord(reported: ["type": "KeyError"]) == .init(type: "KeyError", message: []))
        #expect(ExceptionRecord(reported: ["type": ".X", "message": "m"])?.type == ".X")
        #expect(ExceptionRecord(reported: ["message": "m"]) == nil)
        #expect(ExceptionRecord(reported: nil) == nil)
    }

    @Test func retryAfter() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(HTTPTask.delay("120", now: now) == .seconds(120))
        #expect(HTTPTask.delay("Sun, 06 Nov 1994 08:50:37 GMT", now: now) == .seconds(60))
        #expect(HTTPTask.delay("Sun, 06 Nov 1994 08:40:37 GMT", now: now) == .zero)
        #expect(HTTPTask.delay("soon", now: now) == nil)
        #expect(HTTPTask.delay("-5", now: now) == nil)
    }
}
