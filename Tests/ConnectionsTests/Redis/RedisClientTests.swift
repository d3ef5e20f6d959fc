import Testing

@testable import Connections

@Suite(
    .disabled(if: RedisUnderTest.isMissing, RedisUnderTest.reason),
    .timeLimit(.minutes(1))
)
struct RedisClientTests {
    @Test func aValueIsStoredAndRead() async throws {
        let key = RedisUnderTest.key()
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            #expect(try await client.send(RedisCommand("SET", key: key, "grün", "EX", 60)).text == "OK")
            #expect(try await client.send(RedisCommand("GET", key: key)).text == "grün")
            #expect(try await client.send(RedisCommand("DEL", key: key)).integer == 1)
            #expect(try await client.send(RedisCommand("GET", key: key)).isNull)
        }
    }

    @Test func aPipelineOfTenThousandKeepsItsOrder() async throws {
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let values = try await client.pipeline((0..<10_000).map { RedisCommand("ECHO", $0) })
            #expect(values == (0..<10_000).map { .string(Array("\($0)".utf8)) })
        }
    }

    @Test func anErrorReplyIsThrown() async throws {
        let key = RedisUnderTest.key()
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let error = await #expect(throws: RedisError.self) {
                _ = try await client.pipeline([RedisCommand("SET", key: key, "x", "EX", 60)])
                return try await client.send(RedisCommand("LPUSH", key: key, "y"))
            }
            #expect(error?.serverError?.code == "WRONGTYPE")
            let values = try await client.pipeline([RedisCommand("INCR", key: key), RedisCommand("DEL", key: key)])
            #expect(values.map(\.firstError?.code) == ["ERR", nil])
            #expect(values.last == .integer(1))
        }
    }

    @Test func aTransactionIsCarriedOutWhole() async throws {
        let key = RedisUnderTest.key()
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let values = try await client.transaction([
                RedisCommand("SET", key: key, "1", "EX", 60), RedisCommand("INCR", key: key), .init("DEL", key: key),
            ])
            #expect(values == [.string(Array("OK".utf8)), .integer(2), .integer(1)])
        }
    }

    @Test func aRefusedTransactionChangesNothing() async throws {
        let key = RedisUnderTest.key()
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let error = await #expect(throws: RedisError.self) {
                try await client.transaction([RedisCommand("SET", key: key, "1"), RedisCommand("NOSUCHCOMMAND")])
            }
            #expect(error?.serverError?.message.hasPrefix("unknown command") == true)
            #expect(try await client.send(RedisCommand("EXISTS", key: key)).integer == 0)
        }
    }

    @Test func scriptsAreEvaluated() async throws {
        let script = RedisScript("return {KEYS[1], ARGV[1], tonumber(ARGV[2]) + 1, false}")
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let value = try await client.evaluate(script, keys: ["k"], arguments: ["a", 41])
            #expect(value == .array([.string([107]), .string([97]), .integer(42), .null]))
        }
    }

    @Test func aValueOfTwentyMegabytesComesBackWhole() async throws {
        let key = RedisUnderTest.key()
        var value = [UInt8](repeating: 0, count: 20 << 20)
        for index in stride(from: 0, to: value.count, by: 4_097) { value[index] = UInt8(truncatingIfNeeded: index) }
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let replies = try await client.pipeline([
                RedisCommand("SET", key: key, value, "EX", 60), RedisCommand("GET", key: key),
                RedisCommand("DEL", key: key),
            ])
            #expect(replies[1].bytes == value)
        }
    }

    @Test func manyTasksShareTheConnection() async throws {
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for task in 0..<100 {
                    group.addTask {
                        for turn in 0..<100 {
                            let text = "\(task)-\(turn)"
                            guard try await client.send(RedisCommand("ECHO", text)).text == text else { return false }
                        }
                        return true
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func aCancelledCallThrowsAtOnce() async throws {
        let nowhere = RedisURL(endpoint: .tcp(host: "127.0.0.1", port: 1))
        try await RedisUnderTest.client(nowhere, timeout: .seconds(50)) { client async throws in
            let call = Task { try await client.send(RedisCommand("PING")) }
            call.cancel()
            await #expect(throws: RedisError.cancelled) { try await call.value }
        }
    }

    @Test func withoutAServerACallWaitsUntilItsTimeIsUp() async throws {
        let nowhere = RedisURL(endpoint: .tcp(host: "127.0.0.1", port: 1), password: "secret")
        try await RedisUnderTest.client(nowhere) { client async throws in
            let began = ContinuousClock.now
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("PING"), timeout: .milliseconds(300))
            }
            #expect(error == .notConnected(endpoint: "127.0.0.1:1", reason: "Connection refused"))
            #expect(error?.description == "no connection to Redis at 127.0.0.1:1: Connection refused")
            #expect(ContinuousClock.now - began >= .milliseconds(300))
        }
    }

    @Test func aBlockedServerAnswersTooLateForOneCallOnly() async throws {
        let key = RedisUnderTest.key()
        try await RedisUnderTest.client(RedisUnderTest.url) { client async throws in
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("BLPOP", key: key, 1), timeout: .milliseconds(100))
            }
            let endpoint = client.url.endpointDescription
            #expect(error == .timedOut(endpoint: endpoint, command: "BLPOP", after: .milliseconds(100)))
            #expect(error?.description == "Redis at \(endpoint) did not answer BLPOP within 0.100 s")
            // The late reply of the first call is not taken for that of the second.
            #expect(try await client.send(RedisCommand("ECHO", "next")).text == "next")
        }
    }

    @Test func aClosedClientRefusesCalls() async throws {
        let client = RedisClient(url: try RedisUnderTest.url)
        _ = try await client.send(RedisCommand("PING"))
        client.close()
        await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
    }

    @Test func waitingCallsAreBounded() async throws {
        let nowhere = RedisURL(endpoint: .tcp(host: "127.0.0.1", port: 1))
        let adjust = { (options: inout RedisClientOptions) in options.maxWaitingCalls = 3 }
        try await RedisUnderTest.client(nowhere, timeout: .milliseconds(500), adjust) { client async throws in
            let errors = await withTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do throws(RedisError) { _ = try await client.send(RedisCommand("PING")) } catch { return error }
                        return nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.count { $0 == .tooManyCalls(limit: 3) } == 7)
        }
    }

    @Test func aClientCanShareAReactor() async throws {
        let client = RedisClient(unattachedTo: try RedisUnderTest.url)
        let reactor = Reactor(name: "shared") { [client.makeSource(waker: $0)] }
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        reactor.stop()
        #expect(reactor.join(for: .seconds(5)))
        await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
    }
}
