import Testing

@testable import Connections

@Suite(
    .enabled(if: RedisTestServer.isInstalled, RedisUnderTest.noServer),
    .timeLimit(.minutes(1))
)
struct RedisSubscriberTests {
    private func run(
        _ arguments: [String] = [],
        _ body: (RedisTestServer, RedisClient, RedisSubscriber) async throws -> Void
    ) async throws {
        try await RedisTestServer.run(arguments) { server async throws in
            try await RedisUnderTest.client(server.url) { client async throws in
                let subscriber = RedisSubscriber(url: server.url)
                defer { subscriber.close() }
                try await body(server, client, subscriber)
            }
        }
    }

    private func listeners(_ client: RedisClient, _ channel: String) async throws -> Int? {
        try await client.send(RedisCommand("PUBSUB", "NUMSUB", channel)).array?.last?.integer
    }

    @Test func messagesComeInOrderFromTheMomentOfSubscribing() async throws {
        try await run { _, client, subscriber async throws in
            let subscription = try await subscriber.subscribe("news")
            for number in 0..<100 {
                #expect(try await client.send(RedisCommand("PUBLISH", "news", number)).integer == 1)
            }
            var events = subscription.events.makeAsyncIterator()
            for number in 0..<100 { #expect(await events.next() == .message(Array("\(number)".utf8))) }
        }
    }

    @Test func listenersOfOneChannelShareItsSubscription() async throws {
        try await run { _, client, subscriber async throws in
            let first = try await subscriber.subscribe("news")
            let second = try await subscriber.subscribe("news")
            #expect(try await listeners(client, "news") == 1)
            first.cancel()
            _ = try await client.send(RedisCommand("PUBLISH", "news", "x"))
            var firstEvents = first.events.makeAsyncIterator()
            var secondEvents = second.events.makeAsyncIterator()
            #expect(await firstEvents.next() == nil)
            #expect(await secondEvents.next() == .message([120]))
            second.cancel()
            while try await listeners(client, "news") != 0 {}
            // A channel may be left and joined again at once.
            let third = try await subscriber.subscribe("news")
            third.cancel()
            let fourth = try await subscriber.subscribe("news")
            #expect(try await client.send(RedisCommand("PUBLISH", "news", "y")).integer == 1)
            var fourthEvents = fourth.events.makeAsyncIterator()
            #expect(await fourthEvents.next() == .message([121]))
        }
    }

    @Test func aReleasedSubscriptionEnds() async throws {
        try await run { _, client, subscriber async throws in
            do { _ = try await subscriber.subscribe("news") }
            while try await listeners(client, "news") != 0 {}
        }
    }

    @Test func aPatternHearsAllChannelsThatMatchAndSaysWhich() async throws {
        try await run { server, client, subscriber async throws in
            let pattern = try await subscriber.subscribe(pattern: "news.*")
            let channel = try await subscriber.subscribe("news.a")
            let literal = try await subscriber.subscribe("news.*")
            for (name, text) in [("news.a", "1"), ("weather", "2"), ("news.b", "3"), ("news.*", "4")] {
                _ = try await client.send(RedisCommand("PUBLISH", name, text))
            }
            var events = pattern.events.makeAsyncIterator()
            for (name, text) in [("news.a", "1"), ("news.b", "3"), ("news.*", "4")] {
                #expect(await events.next() == .matched(channel: Array(name.utf8), payload: Array(text.utf8)))
            }
            var channelEvents = channel.events.makeAsyncIterator()
            #expect(await channelEvents.next() == .message([49]))
            var literalEvents = literal.events.makeAsyncIterator()
            #expect(await literalEvents.next() == .message([52]))
            server.kill()
            try server.start()
            #expect(await events.next() == .gap)
            while (try? await client.send(RedisCommand("PUBLISH", "news.c", "5"))) == nil {}
            #expect(await events.next() == .matched(channel: Array("news.c".utf8), payload: [53]))
            pattern.cancel()
            while try await client.send(RedisCommand("PUBSUB", "NUMPAT")).integer != 0 {}
        }
    }

    @Test func aThousandChannelsShareAConnection() async throws {
        try await run { _, client, subscriber async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let subscription = try await subscriber.subscribe("channel:\(number)")
                        _ = try await client.send(RedisCommand("PUBLISH", "channel:\(number)", number))
                        for await event in subscription.events { return event == .message(Array("\(number)".utf8)) }
                        return false
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            let text = try await client.send(RedisCommand("INFO", "clients")).text ?? ""
            #expect(text.contains("connected_clients:2\r\n"))
        }
    }

    @Test func aRestartIsAGapAndMessagesGoOn() async throws {
        try await run { server, client, subscriber async throws in
            let subscription = try await subscriber.subscribe("news")
            var events = subscription.events.makeAsyncIterator()
            server.kill()
            try server.start()
            #expect(await events.next() == .gap)
            while (try? await client.send(RedisCommand("PUBLISH", "news", "x"))) == nil {}
            #expect(await events.next() == .message([120]))
        }
    }

    @Test func aForbiddenChannelIsTheServersError() async throws {
        let arguments = ["--user", "limited", "on", ">pw", "~*", "resetchannels", "&news", "+@all"]
        try await RedisTestServer.run(arguments) { server async throws in
            var url = server.url
            url.user = "limited"
            url.password = "pw"
            let subscriber = RedisSubscriber(url: url)
            defer { subscriber.close() }
            let error = await #expect(throws: RedisError.self) { try await subscriber.subscribe("secrets") }
            #expect(error?.serverError?.code == "NOPERM")
            _ = try await subscriber.subscribe("news")
        }
    }

    @Test func withoutAServerSubscribingTimesOut() async throws {
        let subscriber = RedisSubscriber(url: RedisURL(endpoint: .tcp(host: "127.0.0.1", port: 1)))
        defer { subscriber.close() }
        await #expect(throws: RedisError.notConnected(endpoint: "127.0.0.1:1", reason: "Connection refused")) {
            try await subscriber.subscribe("news", timeout: .milliseconds(200))
        }
    }

    @Test func aQuietSubscriberNoticesThatItsServerHangs() async throws {
        try await RedisTestServer.run { server async throws in
            var options = RedisClientOptions()
            options.connection.idlePing = .milliseconds(100)
            options.connection.responseTimeout = .milliseconds(200)
            options.connection.connectTimeout = .milliseconds(200)
            let (states, continuation) = AsyncStream.makeStream(of: RedisConnectionState.self)
            options.onStateChange = { continuation.yield($0) }
            let subscriber = RedisSubscriber(url: server.url, options: options)
            defer { subscriber.close() }
            let subscription = try await subscriber.subscribe("news")
            server.freeze()
            for await state in states {
                if case .down(.lost) = state { break }
            }
            server.thaw()
            var events = subscription.events.makeAsyncIterator()
            #expect(await events.next() == .gap)
        }
    }

    @Test func closingEndsAllSubscriptions() async throws {
        try await run { _, _, subscriber async throws in
            let subscription = try await subscriber.subscribe("news")
            subscriber.close()
            var events = subscription.events.makeAsyncIterator()
            #expect(await events.next() == nil)
            await #expect(throws: RedisError.closed) { try await subscriber.subscribe("news") }
        }
    }
}
