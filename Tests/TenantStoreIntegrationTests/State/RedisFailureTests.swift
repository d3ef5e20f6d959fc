import Connections
import Foundation
import Synchronization
import Testing

@testable import TenantStore

/// A server that is killed under writers and comes back with what it had confirmed.
@Suite(.enabled(if: RedisServerProcess.isInstalled, RedisServerProcess.reason), .timeLimit(.minutes(1)))
struct RedisFailureTests {
    private static let durable = ["--appendonly", "yes", "--appendfsync", "always"]

    @Test func confirmedUpdatesSurviveAndNoneIsDoubled() async throws {
        try await RedisServerProcess.run(Self.durable) { server async throws in
            try await StateUnderTest.store(server.url) {
                $0.timeout = .seconds(15)
            } _: { store async throws in
                try await store.agents.create("a", .text(""))
                let ledger = Ledger()
                let agents = store.agents
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            for step in 0..<40 { try await ledger.write("\(writer).\(step)", by: agents) }
                        }
                    }
                    group.addTask {
                        for round in 1...3 {
                            while ledger.count < round * 30 { try await Task.sleep(for: .milliseconds(1)) }
                            server.kill()
                            try server.start()
                        }
                    }
                    try await group.waitForAll()
                }
                let stored = try #require(await store.agents.read("a")).data.text.split(separator: ";").map(String.init)
                #expect(Set(stored).count == stored.count)
                #expect(ledger.done.subtracting(stored).isEmpty)
                #expect(Set(stored).subtracting(ledger.done).isSubset(of: ledger.uncertain))
                #expect(ledger.done.count + ledger.uncertain.count == 160)
            }
        }
    }

    /// What each writer was told.
    private final class Ledger: Sendable {
        private let state = Mutex((done: Set<String>(), uncertain: Set<String>()))

        var done: Set<String> { state.withLock { $0.done } }
        var uncertain: Set<String> { state.withLock { $0.uncertain } }
        var count: Int { state.withLock { $0.done.count + $0.uncertain.count } }

        func write(_ entry: String, by agents: Agents) async throws {
            do {
                try await agents.update("a") { $0.data + .text("\(entry);") }
                state.withLock { _ = $0.done.insert(entry) }
            } catch {
                guard error.isUncertain else { throw error }
                state.withLock { _ = $0.uncertain.insert(entry) }
            }
        }
    }

    @Test func whatIsMadeDuringARestartIsMadeOnce() async throws {
        try await RedisServerProcess.run(Self.durable) { server async throws in
            try await StateUnderTest.store(server.url) {
                $0.timeout = .seconds(15)
            } _: { store async throws in
                let sessions = store.sessions
                let making = Task {
                    for part in 0..<20 {
                        let many = (0..<200).map { (name: "\(part)-\($0)", data: [UInt8].text("x")) }
                        let existing = try await sessions.createMany(many)
                        #expect(existing.isEmpty)
                    }
                }
                while try await StateUnderTest.client(
                    server.url,
                    { try await $0.send(RedisCommand("DBSIZE")).integer ?? 0 }
                ) < 400 {}
                server.kill()
                try server.start()
                try await making.value
                let size = try await StateUnderTest.client(server.url) {
                    try await $0.send(RedisCommand("DBSIZE")).integer
                }
                #expect(size == 4_000)
            }
        }
    }

    @Test func withoutAServerTheErrorNamesItAndComesInTime() async throws {
        let url = RedisURL(endpoint: .tcp(host: "127.0.0.1", port: 1), user: "me", password: "secret")
        try await StateUnderTest.store(url) {
            $0.timeout = .milliseconds(200)
        } _: { store async throws in
            await #expect {
                try await store.sessions.read("s")
            } throws: { error in
                "\(error)".contains("127.0.0.1:1") && "\(error)".contains("session:s:data")
                    && !"\(error)".contains("secret")
            }
            try store.metrics.increment(service: "a", metric: "b")
            await #expect(throws: StateError.self) { try await store.metrics.flush() }
        }
    }
}
