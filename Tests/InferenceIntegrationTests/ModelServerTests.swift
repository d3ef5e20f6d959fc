import Connections
import Foundation
import Synchronization
import Testing

@testable import Inference

/// The clients against a model server that misbehaves as it is told; one test after the other, because it is one server.
@Suite(.serialized, .timeLimit(.minutes(1)), .enabled(if: ServersUnderTest.areThere, ServersUnderTest.reason))
struct ModelServerTests {
    private func server(
        _ api: ModelInstance.API,
        _ change: (inout ModelServerLimits) -> Void = { _ in }
    ) throws
        -> any ModelServer
    {
        var limits = ModelServerLimits()
        limits.silence = .milliseconds(400)
        change(&limits)
        let address = try #require(ServersUnderTest.models) + (api == .openai ? "/v1" : "")
        return ModelInstance(address: address, api: api, key: "secret").server(limits)
    }

    private let prompt = ModelRequest(model: "chard-test", input: .prompt("hello", system: nil))

    private func error(_ server: any ModelServer, _ request: ModelRequest? = nil) async throws -> ModelServerError? {
        do {
            _ = try await server.complete(request ?? prompt) { _ in }
            return nil
        } catch let error as ModelServerError {
            return error
        }
    }

    @Test(arguments: ModelInstance.API.allCases) func speaksBothAPIs(api: ModelInstance.API) async throws {
        try await ServersUnderTest.control()
        let server = try server(api) { $0.silence = .seconds(20) }
        #expect(Set(try await server.models()) == ["all-minilm:latest", "chard-test:latest"])
        let pieces = Mutex<[String]>([])
        let answer = try await server.complete(prompt) { piece in pieces.withLock { $0.append(piece) } }
        #expect(pieces.withLock { $0.joined() } == answer.text)
        #expect(pieces.withLock { $0.count } == answer.answerTokens)
        #expect(answer.finishReason == "stop")
        var short = ModelRequest(
            model: "chard-test",
            input: .messages([.object(["role": .string("user"), "content": .string("hi")])])
        )
        short.options = ["num_predict": .integer(2)]
        let chat = try await server.complete(short) { _ in }
        #expect(chat.answerTokens == 2)
        #expect(chat.finishReason == "length")
        let vectors = try await server.embed(["a", "b"], model: "all-minilm").vectors
        #expect(vectors.map(\.count) == [384, 384])
        #expect(vectors[0] != vectors[1])
    }

    @Test(arguments: ModelInstance.API.allCases) func tellsWhoIsToBlame(api: ModelInstance.API) async throws {
        try await ServersUnderTest.control()
        let server = try server(api)
        var request = prompt
        request.model = "nope"
        guard case .unknownModel? = try await error(server, request) else {
            Issue.record("not unknown")
            return
        }
        request = prompt
        request.model = "all-minilm"
        guard case .refused(400, let message)? = try await error(server, request) else {
            Issue.record("not refused")
            return
        }
        #expect(message.contains("does not support generate"))
        try await ServersUnderTest.control(["mode": .string("status"), "status": .integer(503)])
        guard case .failed(503, _)? = try await error(server) else {
            Issue.record("not failed")
            return
        }
    }

    @Test func aWrongKeyIsNoRequestsFaultAndIsNotShown() async throws {
        try await ServersUnderTest.control(["api_key": .string("other")])
        let found = try await error(try server(.openai))
        #expect(found == .unauthorized(status: 401))
        #expect(!"\(String(describing: found))".contains("secret"))
        try await ServersUnderTest.control()
    }

    @Test(arguments: ModelInstance.API.allCases, ["cut", "garbage", "long_line", "hang"])
    func brokenStreams(api: ModelInstance.API, mode: String) async throws {
        let server = try server(api) { $0.maxLine = 100_000 }
        // In the middle of the answer, then before its first byte.
        for tokens in [3, 0] {
            try await ServersUnderTest.control(["mode": .string(mode), "after_tokens": .integer(tokens)])
            let begin = ContinuousClock.now
            let found = try await error(server)
            switch (mode, found) {
            case ("cut", .unreachable?), ("garbage", .garbage?), ("long_line", .garbage?), ("hang", .timedOut?): break
            default: Issue.record("\(mode) after \(tokens) tokens: \(String(describing: found))")
            }
            #expect(ContinuousClock.now - begin < .seconds(5))
        }
        try await ServersUnderTest.control()
    }

    @Test func aSlowButSteadyAnswerIsNoSilence() async throws {
        try await ServersUnderTest.control(["token_delay": .number(0.05)])
        #expect(try await error(try server(.ollama)) == nil)
        let hasty = try server(.ollama) { $0.total = .milliseconds(200) }
        guard case .timedOut? = try await error(hasty) else {
            Issue.record("the whole is not bounded")
            return
        }
        try await ServersUnderTest.control()
    }

    @Test func aBodyThatNeverEndsIsNotWaitedFor() async throws {
        try await ServersUnderTest.control(["mode": .string("hang"), "after_tokens": .integer(1)])
        let call = HTTPCall(
            method: "POST",
            url: try #require(ServersUnderTest.models) + "/api/generate",
            headers: [],
            body: Array(#"{"model": "chard-test", "prompt": "hello"}"#.utf8),
            timeout: .milliseconds(300),
            maxBytes: 1_000_000
        )
        await #expect(throws: HTTPCall.Failure.timedOut) { try await call.send() }
        try await ServersUnderTest.control()
    }

    @Test func aCancelledCallLetsGoOfTheServer() async throws {
        try await ServersUnderTest.control(["mode": .string("hang"), "after_tokens": .integer(2)])
        let server = try server(.ollama) { $0.silence = .seconds(60) }
        let pieces = Mutex(0)
        let task = Task { try await server.complete(prompt) { _ in pieces.withLock { $0 += 1 } } }
        try await ServersUnderTest.eventually("tokens") { pieces.withLock { $0 } == 2 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await ServersUnderTest.control()
    }
}
