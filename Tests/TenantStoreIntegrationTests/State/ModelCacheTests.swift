import Connections
import Testing

@testable import TenantStore

@Suite(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason), .timeLimit(.minutes(1)))
struct ModelCacheTests {
    private func weights(_ count: Int, _ seed: UInt8) -> [UInt8] {
        var weights = [UInt8](repeating: seed, count: count)
        for index in stride(from: 0, to: count, by: 1_000) {
            weights[index] = UInt8(truncatingIfNeeded: index / 7) ^ seed
        }
        return weights
    }

    @Test(arguments: [0, 1, 1 << 20, (3 << 20) + 5])
    func weightsComeBackAsTheyWere(_ size: Int) async throws {
        try await StateUnderTest.store { store async throws in
            let model = StateUnderTest.name("all-minilm:l6")
            #expect(try await store.models.load(model) == nil)
            #expect(try await store.models.info(model) == nil)
            let info = try await store.models.store(model, weights(size, 1))
            #expect(info.bytes == size)
            #expect(try await store.models.info(model) == info)
            #expect(try await store.models.load(model)?.data == weights(size, 1))
            let second = try await store.models.store(model, weights(10, 2), ttl: .seconds(60))
            #expect(second.version > info.version)
            #expect(try await store.models.load(model)?.data == weights(10, 2))
            #expect(try await store.models.delete(model))
            #expect(try await store.models.delete(model) == false)
        }
    }

    @Test func nothingIsLeftOfTheParts() async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                let model = StateUnderTest.name()
                try await store.models.store(model, weights(2_000_000, 3))
                let keys = try await client.send(RedisCommand("KEYS", "*\(model)*")).array?.compactMap(\.text)
                #expect(keys == ["model:\(model):weights"])
                #expect(try await client.send(RedisCommand("PTTL", key: "model:\(model):weights")).integer == -1)
                try await store.models.store(model, weights(1, 3), ttl: .seconds(50))
                let ttl = try await client.send(RedisCommand("PTTL", key: "model:\(model):weights")).integer
                #expect(try (1...50_000).contains(#require(ttl)))
                try await store.models.delete(model)
            }
        }
    }

    /// Readers see all of one version or all of another.
    @Test func readersNeverSeeAMixture() async throws {
        try await StateUnderTest.store { store async throws in
            let model = StateUnderTest.name()
            let models = store.models
            try await models.store(model, weights(2 << 20, 0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for seed in 1..<12 { try await models.store(model, weights(2 << 20, UInt8(seed))) }
                }
                group.addTask {
                    for _ in 0..<12 {
                        do {
                            let read = try #require(try await models.load(model))
                            #expect(read.data == weights(2 << 20, read.data[1]))
                        } catch StateError.contended {}
                    }
                }
                try await group.waitForAll()
            }
            try await models.delete(model)
        }
    }

    @Test func tooMuchIsRefused() async throws {
        try await StateUnderTest.store {
            $0.maxModelBytes = 10
        } _: { store async throws in
            let model = StateUnderTest.name()
            await #expect(throws: StateError.tooLarge(key: "model:\(model):weights", bytes: 11, limit: 10)) {
                try await store.models.store(model, weights(11, 0))
            }
        }
    }
}
