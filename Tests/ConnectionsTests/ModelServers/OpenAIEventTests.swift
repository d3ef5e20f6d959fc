import Testing

@testable import Connections

@Suite struct OpenAIEventTests {
    private func text(_ lines: [String]) throws -> CompletionReading {
        var reading = CompletionReading()
        for line in lines {
            if let event = try OpenAIServer.event(Array(line.utf8)) { _ = reading.add(event) }
        }
        return reading
    }

    @Test func readsAChat() throws {
        let reading = try text([
            ": keep-alive", "",
            #"data: {"choices":[{"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}"#,
            #"data:{"choices":[{"delta":{"content":"b"}}]}"#,
            #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
            #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#, "data: [DONE]", "",
        ])
        #expect(
            try reading.finished()
                == ModelCompletion(text: "ab", finishReason: "stop", promptTokens: 3, answerTokens: 2)
        )
    }

    @Test func readsAPlainCompletion() throws {
        let reading = try text([#"data: {"choices":[{"text":"ab","finish_reason":"length"}]}"#, "data: [DONE]"])
        #expect(try reading.finished() == ModelCompletion(text: "ab", finishReason: "length"))
    }

    @Test func anAnswerWithoutItsEndIsNone() throws {
        let reading = try text([#"data: {"choices":[{"text":"ab","finish_reason":"stop"}]}"#])
        #expect(throws: ModelServerError.self) { try reading.finished() }
    }

    @Test(arguments: ["<html>", "data: {", "data: []", #"{"choices":[]}"#])
    func garbage(line: String) {
        #expect(throws: ModelServerError.self) { try text([line]) }
    }

    @Test func anErrorInTheStreamIsTheServersFailure() {
        #expect(throws: ModelServerError.failed(status: 200, message: "out of memory")) {
            try text([#"data: {"error":{"message":"out of memory"}}"#])
        }
    }
}
