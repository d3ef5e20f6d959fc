import Testing

@testable import Connections

/// Servers that die, hang and come back.
@Suite(
    .enabled(if: RedisTestServer.isInstalled, RedisUnderTest.noServer),
    .timeLimit(.minutes(1))
)
struct RedisFaultTests {
    @Test func everyBatchHasOneOutcomeWhenTheServerIsKilled() async throws {
        try await RedisTestServer.run { server async throws in
            let probe = RedisConnectionProbe(url: server.url)
            var events = probe.events.makeAsyncIterator()
            while await events.next() != .state(.ready) {}
            let value = [UInt8](repeating: 120, count: 1_000)
            for token in 0..<200 {
                probe.append((0..<100).map { RedisCommand("SET", key: "\(token):\($0)", value) }, token: UInt64(token))
            }
            _ = await events.next()
            server.kill()
            var lost: [UInt64] = []
            var next: UInt64 = 1
            while next < 200 {
                switch await events.next() {
                case .reply(let token, let outcome, _, _, _):
                    #expect(token == next)
                    next = token + 1
                    if outcome != .answered { lost.append(token) }
                case .state(let state): #expect(state != .ready)
                case nil: return
                }
            }
            try server.start()
            while await events.next() != .state(.ready) {}
            for token in lost { probe.append([RedisCommand("SET", key: "\(token):0", "again")], token: token) }
            for token in lost {
                #expect(await events.next() == .reply(token: token, .answered, error: nil, errors: 0, values: []))
            }
        }
    }

    @Test func aHungServerIsGivenUpAndTakenBack() async throws {
        try await RedisTestServer.run { server async throws in
            var options = RedisConnectionOptions()
            options.responseTimeout = .milliseconds(300)
            options.connectTimeout = .milliseconds(300)
            let probe = RedisConnectionProbe(url: server.url, options: options)
            var events = probe.events.makeAsyncIterator()
            while await events.next() != .state(.ready) {}
            server.freeze()
            let endpoint = server.url.endpointDescription
            probe.append([RedisCommand("PING")], token: 1)
            #expect(await events.next() == .state(.down(.lost(endpoint: endpoint, reason: "no answer for 0.300 s"))))
            #expect(await events.next() == .reply(token: 1, .lost(written: true), error: nil, errors: 0, values: []))
            let reason = "the server accepted but did not answer in time"
            #expect(await events.next() == .state(.down(.notConnected(endpoint: endpoint, reason: reason))))
            probe.append([RedisCommand("PING")], token: 2)
            server.thaw()
            #expect(await events.next() == .state(.ready))
            #expect(await events.next() == .reply(token: 2, .answered, error: nil, errors: 0, values: []))
        }
    }

    @Test func anIdleConnectionNoticesThatItsServerHangs() async throws {
        try await RedisTestServer.run { server async throws in
            var options = RedisConnectionOptions()
            options.responseTimeout = .milliseconds(200)
            options.idlePing = .milliseconds(100)
            let probe = RedisConnectionProbe(url: server.url, options: options)
            var events = probe.events.makeAsyncIterator()
            while await events.next() != .state(.ready) {}
            server.freeze()
            let endpoint = server.url.endpointDescription
            #expect(await events.next() == .state(.down(.lost(endpoint: endpoint, reason: "no answer for 0.200 s"))))
        }
    }

    @Test func aHungServerThatTakesBytesIsNoticedAllTheSame() async throws {
        try await RedisTestServer.run { server async throws in
            var options = RedisConnectionOptions()
            options.responseTimeout = .milliseconds(300)
            let probe = RedisConnectionProbe(url: server.url, options: options)
            var events = probe.events.makeAsyncIterator()
            while await events.next() != .state(.ready) {}
            server.freeze()
            // The system keeps accepting small writes for a stopped process.
            let writer = Task {
                while !Task.isCancelled {
                    probe.append([RedisCommand("PING")], token: 1)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let endpoint = server.url.endpointDescription
            #expect(await events.next() == .state(.down(.lost(endpoint: endpoint, reason: "no answer for 0.300 s"))))
            writer.cancel()
        }
    }

    @Test func aSentCallIsLostAndAnUnsentOneWaits() async throws {
        try await RedisTestServer.run { server async throws in
            try await RedisUnderTest.client(server.url) { client async throws in
                _ = try await client.send(RedisCommand("PING"))
                let blocked = Task { try await client.send(RedisCommand("BLPOP", key: "none", 0)) }
                try await Self.waitForBlockedClient(of: server)
                server.kill()
                let error = await #expect(throws: RedisError.self) { try await blocked.value }
                guard case .lost = error else {
                    Issue.record("the sent call ended with \(String(describing: error))")
                    return
                }
                let unsent = Task { try await client.send(RedisCommand("ECHO", "later")) }
                try server.start()
                #expect(try await unsent.value.text == "later")
            }
        }
    }

    @Test func clientsComeBackByThemselves() async throws {
        try await RedisTestServer.run { server async throws in
            try await RedisUnderTest.client(server.url) { client async throws in
                for turn in 0..<3 {
                    #expect(try await client.send(RedisCommand("ECHO", turn)).text == "\(turn)")
                    server.kill()
                    try server.start()
                    await Self.waitUntilLost(client)
                }
                #expect(try await client.send(RedisCommand("PING")).text == "PONG")
            }
        }
    }

    /// A call right after a kill may still go to the dead connection.
    private static func waitUntilLost(_ client: RedisClient) async {
        while (try? await client.send(RedisCommand("PING"))) == nil { await Task.yield() }
    }

    private static func waitForBlockedClient(of server: RedisTestServer) async throws {
        try await RedisUnderTest.client(server.url) { admin async throws in
            while true {
                let text = try await admin.send(RedisCommand("INFO", "clients")).text ?? ""
                if text.contains("blocked_clients:1") { return }
            }
        }
    }
}
