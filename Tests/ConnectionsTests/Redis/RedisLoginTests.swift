import Testing

@testable import Connections

/// Who may come in, and which database, name and scripts a connection has then.
@Suite(
    .enabled(if: RedisTestServer.isInstalled, RedisUnderTest.noServer),
    .timeLimit(.minutes(1))
)
struct RedisLoginTests {
    private static let arguments = [
        "--requirepass", "right", "--user", "bob", "on", ">bobs", "~*", "&*", "+@all",
        "--user", "reader", "on", ">reads", "~*", "&news", "+get", "+subscribe", "+ping",
    ]

    private func ping(
        _ server: RedisTestServer,
        user: String? = nil,
        password: String?
    ) async throws -> Result<RedisValue, RedisError> {
        var url = server.url
        url.user = user
        url.password = password
        return try await RedisUnderTest.client(url) { client async throws in
            do throws(RedisError) {
                return .success(try await client.send(RedisCommand("ECHO", "in")))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test func passwordsAndUsersAreChecked() async throws {
        try await RedisTestServer.run(Self.arguments) { server async throws in
            let inside: Result<RedisValue, RedisError> = .success(.string(Array("in".utf8)))
            #expect(try await ping(server, password: "right") == inside)
            #expect(try await ping(server, user: "bob", password: "bobs") == inside)
            for (user, password) in [(nil, "wrong"), ("bob", "wrong"), ("nobody", "right"), (nil, nil)] {
                let result = try await ping(server, user: user, password: password)
                guard case .failure(.authenticationRefused(let endpoint, let message)) = result else {
                    Issue.record("user \(user ?? "-") with \(password ?? "no password") got \(result)")
                    continue
                }
                #expect(endpoint == server.url.endpointDescription)
                #expect(message.hasPrefix(password == nil ? "NOAUTH" : "WRONGPASS"))
                #expect(!message.contains("wrong"))
            }
        }
    }

    @Test func whatAUserMayNotDoIsTheServersError() async throws {
        try await RedisTestServer.run(Self.arguments) { server async throws in
            guard case .failure(.server(let error)) = try await ping(server, user: "reader", password: "reads") else {
                Issue.record("ECHO was let through")
                return
            }
            #expect(error.code == "NOPERM")
        }
    }

    @Test func aServerThatRepeatsThePasswordIsMasked() async throws {
        try await RedisTestServer.run(["--rename-command", "AUTH", "GATE"]) { server async throws in
            guard case .failure(let error) = try await ping(server, password: "topsecret") else {
                Issue.record("AUTH was accepted")
                return
            }
            #expect(error.description.contains("unknown command"))
            #expect(!error.description.contains("topsecret"))
        }
    }

    @Test func aMendedPasswordLetsTheClientIn() async throws {
        try await RedisTestServer.run(["--requirepass", "old"]) { server async throws in
            var url = server.url
            url.password = "new"
            let adjust = { (options: inout RedisClientOptions) in
                options.connection.backoff.longest = .milliseconds(50)
            }
            try await RedisUnderTest.client(url, adjust) { client async throws in
                await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
                var old = server.url
                old.password = "old"
                try await RedisUnderTest.client(old) { admin async throws in
                    _ = try await admin.send(RedisCommand("CONFIG", "SET", "requirepass", "new"))
                }
                while true {
                    do throws(RedisError) {
                        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
                        return
                    } catch .authenticationRefused {
                        await Task.yield()
                    }
                }
            }
        }
    }

    @Test func theDatabaseIsSelected() async throws {
        try await RedisTestServer.run { server async throws in
            var url = server.url
            url.database = 5
            try await RedisUnderTest.client(url) { client async throws in
                _ = try await client.send(RedisCommand("SET", key: "k", "five"))
            }
            try await RedisUnderTest.client(server.url) { client async throws in
                #expect(try await client.send(RedisCommand("GET", key: "k")).isNull)
                let values = try await client.pipeline([RedisCommand("SELECT", 5), RedisCommand("GET", key: "k")])
                #expect(values.last?.text == "five")
            }
            url.database = 999
            try await RedisUnderTest.client(url, timeout: .milliseconds(300)) { client async throws in
                let reason = "database 999 cannot be selected: ERR DB index is out of range"
                await #expect(throws: RedisError.notConnected(endpoint: url.endpointDescription, reason: reason)) {
                    try await client.send(RedisCommand("PING"))
                }
            }
        }
    }

    @Test func aUnixSocketWorks() async throws {
        try await RedisTestServer.run(Self.arguments) { server async throws in
            var url = server.socketURL
            url.password = "right"
            url.database = 2
            let adjust = { (options: inout RedisClientOptions) in options.connection.clientName = "chard worker 1" }
            try await RedisUnderTest.client(url, adjust) { client async throws in
                #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).text == "chard_worker_1")
            }
        }
    }

    @Test func scriptsAreKnownFromTheStartAndAfterAFlush() async throws {
        let script = RedisScript("return 'ran'")
        let call = RedisCommand(evaluate: script, keys: [], arguments: [])
        try await RedisTestServer.run { server async throws in
            let probe = RedisConnectionProbe(url: server.url, options: .init(scripts: [script]))
            var events = probe.events.makeAsyncIterator()
            while await events.next() != .state(.ready) {}
            let ran = [RedisValue.string(Array("ran".utf8))]
            probe.append([call], token: 1, wantValues: true)
            #expect(await events.next() == .reply(token: 1, .answered, error: nil, errors: 0, values: ran))
            probe.append([RedisCommand("SCRIPT", "FLUSH")], token: 2)
            _ = await events.next()
            probe.append([call, call], token: 3)
            guard case .reply(3, .answered, let error, 2, []) = await events.next() else {
                Issue.record("the flushed script was not missed")
                return
            }
            #expect(error?.hasPrefix("NOSCRIPT") == true)
            probe.append([call], token: 4, wantValues: true)
            #expect(await events.next() == .reply(token: 4, .answered, error: nil, errors: 0, values: ran))
        }
    }

    @Test func aClientSendsTheSourceWhenTheServerForgotTheScript() async throws {
        let script = RedisScript("return ARGV[1]")
        try await RedisTestServer.run { server async throws in
            try await RedisUnderTest.client(server.url) { client async throws in
                for turn in ["first", "second"] {
                    #expect(try await client.evaluate(script, arguments: [turn]).text == turn)
                    _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                }
            }
        }
    }
}
