import Connections
import Testing

@testable import TenantStore

/// Somebody else's data under our keys is named as such, and never overwritten.
@Suite(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason), .timeLimit(.minutes(1)))
struct WrongDataTests {
    private func expectWrongData(_ key: String, _ body: () async throws -> Void) async {
        await #expect {
            try await body()
        } throws: { error in
            guard case .wrongData(key: key, reason: _) = error as? StateError else { return false }
            return "\(error)".contains(key) && !"\(error)".contains("\n")
        }
    }

    @Test(arguments: [["SET", "hello"], ["SET", ""], ["LPUSH", "x"], ["SET", "5 zstd 00000000deadbeef\nnot zstd"]])
    func inADocument(_ command: [String]) async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                let id = StateUnderTest.name()
                let key = "agent:\(id):state"
                _ = try await client.send(RedisCommand(command[0], key: key, command[1]))
                await expectWrongData(key) { _ = try await store.agents.read(id) }
                await expectWrongData(key) { _ = try await store.agents.update(id) { $0.data } }
                if !command[1].contains("zstd") {
                    await expectWrongData(key) { _ = try await store.agents.put(id, .text("new")) }
                    await expectWrongData(key) { _ = try await store.agents.create(id, .text("new")) }
                }
                if command[0] == "SET" {
                    #expect(try await client.send(RedisCommand("GET", key: key)).text == command[1])
                    #expect(try await store.agents.delete(id))
                }
            }
        }
    }

    @Test func amongMany() async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                let prefix = StateUnderTest.name()
                _ = try await client.send(RedisCommand("SADD", key: "session:\(prefix)-3:data", "x"))
                let many = (0..<5).map { (name: "\(prefix)-\($0)", data: [UInt8].text("x")) }
                await expectWrongData("session:\(prefix)-3:data") { try await store.sessions.createMany(many) }
                await expectWrongData("session:\(prefix)-3:data") {
                    _ = try await store.sessions.readMany(many.map(\.name))
                }
                #expect(try await store.sessions.read("\(prefix)-4") != nil)
            }
        }
    }

    @Test func inAModel() async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                for value in ["short", String(repeating: "x", count: 1_000)] {
                    let model = StateUnderTest.name()
                    let key = "model:\(model):weights"
                    _ = try await client.send(RedisCommand("SET", key: key, value))
                    await expectWrongData(key) { _ = try await store.models.load(model) }
                    await expectWrongData(key) { try await store.models.store(model, .text("w")) }
                    #expect(try await client.send(RedisCommand("GET", key: key)).text == value)
                }
            }
        }
    }

    @Test func inAMetricKeepsNoOtherFromBeingWritten() async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                let service = StateUnderTest.name()
                let (list, text, good) = ("metrics:\(service):a", "metrics:\(service):b", "metrics:\(service):c")
                _ = try await client.send(RedisCommand("LPUSH", key: list, "x"))
                for metric in ["a", "b", "c"] {
                    try store.metrics.increment(service: service, metric: metric, by: 5)
                }
                await expectWrongData(list) { try await store.metrics.flush() }
                #expect(try await client.send(RedisCommand("HVALS", key: good)).array == [.string(.text("5"))])
                _ = try await client.send(RedisCommand("HSET", key: text, "somebody", "else's"))
                let name = try MetricName(service: service, metric: "b")
                await expectWrongData(text) { _ = try await store.metrics.read(name) }
                _ = try await client.send(RedisCommand("DEL", keys: [list]))
                try await store.metrics.flush()
                #expect(try await store.metrics.read(MetricName(service: service, metric: "a")).total == 5)
            }
        }
    }
}
