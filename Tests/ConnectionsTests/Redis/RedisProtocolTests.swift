import Testing

@testable import Connections

/// What comes from a server that is broken or no Redis at all.
@Suite(
    .disabled(if: RedisFakeServer.isMissing, RedisFakeServer.reason),
    .timeLimit(.minutes(1))
)
struct RedisProtocolTests {
    private func outcome(of answer: [UInt8], step: Int = 1 << 20) async throws -> Result<RedisValue, RedisError> {
        try await RedisFakeServer.run(saying: answer, step: step) { url in
            try await RedisUnderTest.client(url) { client async throws in
                do throws(RedisError) {
                    return .success(try await client.send(RedisCommand("ASK")))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func repliesMayComeInAnyPieces(step: Int) async throws {
        let answer = "*5\r\n$5\r\nhe\r\nl\r\n:-17\r\n$-1\r\n*2\r\n+OK\r\n*0\r\n-ERR inner\r\n"
        let expected: RedisValue = .array([
            .string(Array("he\r\nl".utf8)), .integer(-17), .null,
            .array([.string(Array("OK".utf8)), .array([])]), .error("ERR inner"),
        ])
        #expect(try await outcome(of: Array(answer.utf8), step: step) == .success(expected))
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", 1),
        ("$999999999999999999999999\r\n", 1),
        ("$-2\r\n", 1),
        (":12x\r\n", 1),
        ("*2147483648\r\n", 1),
        ("*2147483647\r\n", 1),
        ("*20000000\r\n", 1),
        ("*1\r\n", 1_000),
        ("+x", 100_000),
        ("$1", 100_000),
        ("+endless ", 100_000),
        ("*1", 100_000),
    ])
    func nonsenseIsAProtocolError(line: String, repeated: Int) async throws {
        let answer = [[UInt8]](repeating: Array(line.utf8), count: repeated).joined()
        let result = try await outcome(of: Array(answer))
        guard case .failure(.protocolError(_, let reason)) = result else {
            Issue.record("gave \(result)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func anAnswerToNothingEndsTheConnection() async throws {
        try await RedisFakeServer.run(saying: Array("+ONE\r\n+TWO\r\n".utf8)) { url in
            let probe = RedisConnectionProbe(url: url)
            var events = probe.events.makeAsyncIterator()
            #expect(await events.next() == .state(.ready))
            probe.append([RedisCommand("ASK")], token: 1)
            #expect(await events.next() == .reply(token: 1, .answered, error: nil, errors: 0, values: []))
            let error = RedisError.protocolError(endpoint: url.endpointDescription, reason: "an answer to nothing")
            #expect(await events.next() == .state(.down(error)))
        }
    }
}
