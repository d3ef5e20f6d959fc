import Testing

@testable import Connections

@Suite(
    .disabled(if: RedisUnderTest.isMissing, RedisUnderTest.reason),
    .timeLimit(.minutes(1))
)
struct RedisConnectionTests {
    typealias Event = RedisConnectionProbe.Event

    @Test func aBatchIsAnsweredOnceWithoutValues() async throws {
        let key = RedisUnderTest.key()
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        #expect(await events.next() == .state(.ready))
        let commands = [RedisCommand("SET", key: key, "1", "EX", 60), RedisCommand("GET", key: key)]
        probe.append(commands + [RedisCommand("DEL", key: key)], token: 7)
        #expect(await events.next() == .reply(token: 7, .answered, error: nil, errors: 0, values: []))
    }

    @Test func valuesComeWhenWanted() async throws {
        let key = RedisUnderTest.key()
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        probe.append(
            [
                RedisCommand("SET", key: key, "x", "EX", 60), RedisCommand("STRLEN", key: key),
                RedisCommand("GET", key: key), RedisCommand("DEL", key: key), RedisCommand("GET", key: key),
                RedisCommand("LRANGE", key: key, 0, -1),
            ],
            token: 1,
            wantValues: true
        )
        let ok = RedisValue.string(Array("OK".utf8))
        let values: [RedisValue] = [ok, .integer(1), .string([120]), .integer(1), .null, .array([])]
        #expect(await events.next() == .reply(token: 1, .answered, error: nil, errors: 0, values: values))
    }

    @Test func theFirstErrorOfABatchIsKept() async throws {
        let key = RedisUnderTest.key()
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        probe.append(
            [
                RedisCommand("SET", key: key, "x", "EX", 60), RedisCommand("INCR", key: key),
                RedisCommand("LPUSH", key: key, "y"), RedisCommand("DEL", key: key),
            ],
            token: 3
        )
        let error = "ERR value is not an integer or out of range"
        #expect(await events.next() == .reply(token: 3, .answered, error: error, errors: 2, values: []))
    }

    @Test func anErrorInsideATransactionCounts() async throws {
        let key = RedisUnderTest.key()
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        probe.append(
            [
                RedisCommand("MULTI"), RedisCommand("SET", key: key, "x", "EX", 60), RedisCommand("INCR", key: key),
                RedisCommand("DEL", key: key), RedisCommand("EXEC"),
            ],
            token: 3
        )
        let error = "ERR value is not an integer or out of range"
        #expect(await events.next() == .reply(token: 3, .answered, error: error, errors: 1, values: []))
    }

    @Test func whatIsAppendedBeforeTheConnectionStandsGoesOutAfterwards() async throws {
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url) { connection in
            connection.append(RedisCommand("PING").bytes, replies: 1, token: 9)
            connection.flush()
        }
        var events = probe.events.makeAsyncIterator()
        #expect(await events.next() == .state(.ready))
        #expect(await events.next() == .reply(token: 9, .answered, error: nil, errors: 0, values: []))
    }

    @Test func tenThousandBatchesAreAnsweredInOrder() async throws {
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        probe.perform { connection in
            for token in 0..<10_000 {
                connection.append(RedisCommand("ECHO", token).bytes, replies: 1, token: UInt64(token), wantValues: true)
            }
            connection.flush()
        }
        for token in 0..<10_000 {
            let values: [RedisValue] = [.string(Array("\(token)".utf8))]
            let expected = Event.reply(token: UInt64(token), .answered, error: nil, errors: 0, values: values)
            #expect(await events.next() == expected)
        }
    }

    @Test func aPipelineOfAHundredMegabytesGoesOutInPieces() async throws {
        let key = RedisUnderTest.key()
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        let megabyte = [UInt8](repeating: 7, count: 1 << 20)
        let commands = [RedisCommand](repeating: RedisCommand("SET", key: key, megabyte, "EX", 60), count: 100)
        probe.append(commands + [RedisCommand("STRLEN", key: key), RedisCommand("DEL", key: key)], token: 1)
        #expect(await events.next() == .reply(token: 1, .answered, error: nil, errors: 0, values: []))
    }

    @Test func aDroppedConnectionReportsItsLossesInOrderAndComesBack() async throws {
        let probe = RedisConnectionProbe(url: try RedisUnderTest.url)
        var events = probe.events.makeAsyncIterator()
        _ = await events.next()
        probe.perform { connection in
            connection.append(RedisCommand("PING").bytes, replies: 1, token: 1)
            connection.flush()
            connection.append(RedisCommand("PING").bytes, replies: 1, token: 2)
            connection.drop(reason: "test")
            connection.append(RedisCommand("PING").bytes, replies: 1, token: 3)
            #expect(!connection.isReady && connection.unanswered == 1)
        }
        let url = try RedisUnderTest.url
        #expect(await events.next() == .state(.down(.lost(endpoint: url.endpointDescription, reason: "test"))))
        #expect(await events.next() == .reply(token: 1, .lost(written: true), error: nil, errors: 0, values: []))
        #expect(await events.next() == .reply(token: 2, .lost(written: false), error: nil, errors: 0, values: []))
        #expect(await events.next() == .state(.ready))
        #expect(await events.next() == .reply(token: 3, .answered, error: nil, errors: 0, values: []))
    }

    @Test func aNameIsResolved() async throws {
        guard case .tcp(_, let port) = try RedisUnderTest.url.endpoint else { return }
        let probe = RedisConnectionProbe(url: RedisURL(endpoint: .tcp(host: "localhost", port: port)))
        var events = probe.events.makeAsyncIterator()
        #expect(await events.next() == .state(.ready))
    }

    @Test func anUnknownNameIsAnError() async throws {
        let probe = RedisConnectionProbe(url: RedisURL(endpoint: .tcp(host: "no-such-host.invalid", port: 6_379)))
        var events = probe.events.makeAsyncIterator()
        guard case .state(.down(let error)) = await events.next() else { return #expect(Bool(false)) }
        let text = "no connection to Redis at no-such-host.invalid:6379: cannot resolve no-such-host.invalid: "
        #expect(error.description.hasPrefix(text))
    }
}
