import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Whose checkpoint counts, on a real Redis.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)))
struct CheckpointStoreTests {
    private typealias Writer = CheckpointStore.Writer

    private let id = ServersUnderTest.name()

    private func withCheckpoints(_ body: (CheckpointStore, RedisResults) async throws -> Void) async throws {
        let results = RedisResults(ResultBackendSettings(), url: try RedisURL(try #require(ServersUnderTest.redis)))
        defer { results.close() }
        let checkpoints = CheckpointStore(
            client: results.client,
            results: results.commands,
            expires: .seconds(60),
            limit: 1 << 20
        )
        try await body(checkpoints, results)
        try await checkpoints.drop(id)
    }

    @Test(arguments: [0, 1, 1023, 1024, 1 << 20])
    func whatIsWrittenIsRead(size: Int) async throws {
        try await withCheckpoints { checkpoints, _ in
            let writer = Writer(fence: 1)
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 100) }
            try await checkpoints.write(bytes, of: id, by: writer)
            #expect(try await checkpoints.read(of: id, by: writer) == bytes)
            let stored = try await checkpoints.client.send(RedisCommand("HSTRLEN", key: checkpoints.key(id), "data"))
            #expect(size < 1024 ? stored.integer == size : (stored.integer ?? .max) < size / 4, "compressed when large")
            let lifetime = try await checkpoints.client.send(RedisCommand("TTL", key: checkpoints.key(id)))
            #expect((55...60).contains(lifetime.integer ?? 0))
        }
    }

    @Test func whatIsTooLargeIsRefused() async throws {
        try await withCheckpoints { checkpoints, _ in
            let size = (1 << 20) + 1
            await #expect(throws: CheckpointError.tooLarge(size, limit: 1 << 20)) {
                try await checkpoints.write([UInt8](repeating: 0, count: size), of: id, by: Writer(fence: 1))
            }
            let stored = try await checkpoints.read(of: id, by: Writer(fence: 1))
            #expect(stored == nil)
        }
    }

    @Test func anEarlierStartIsRefusedOnceALaterOneHasLooked() async throws {
        try await withCheckpoints { checkpoints, _ in
            let (first, second) = (Writer(fence: 1), Writer(fence: 2))
            try await checkpoints.write([1], of: id, by: first)
            #expect(try await checkpoints.read(of: id, by: second) == [1])
            await #expect(throws: CheckpointError.superseded) {
                try await checkpoints.write([9], of: id, by: first)
            }
            await #expect(throws: CheckpointError.superseded) { _ = try await checkpoints.read(of: id, by: first) }
            try await checkpoints.write([2], of: id, by: second)
            #expect(try await checkpoints.read(of: id, by: second) == [2])
        }
    }

    @Test func aRunWithoutItsLeaseIsRefused() async throws {
        try await withCheckpoints { checkpoints, results in
            let leases = LeaseStore(
                client: results.client,
                results: results.commands,
                duration: .seconds(60),
                virtualHost: "/"
            )
            let hold = LeaseHold(taskID: id, retries: 0, queue: "q-\(id)")
            let message = LeaseStore.Message(properties: [0, 0], body: [])
            _ = try await leases.take(hold, message, worker: "w", copy: nil, mostStarts: 5, isRepeat: false)
            hold.take(fence: 1, starts: 1)
            let writer = Writer(fence: 1, leaseKey: leases.key(id, 0))
            try await checkpoints.write([1], of: id, by: writer)
            _ = try await leases.claim(hold, counts: true)
            await #expect(throws: CheckpointError.superseded) {
                try await checkpoints.write([2], of: id, by: writer)
            }
            let next = Writer(fence: 1_000_001)
            #expect(try await checkpoints.read(of: id, by: next) == [1])
            for key in [leases.key(id, 0), leases.index("q-\(id)")] {
                _ = try await results.client.send(RedisCommand("DEL", key: key))
            }
        }
    }

    @Test func whatIsStoredMayBeBroken() async throws {
        try await withCheckpoints { checkpoints, results in
            let writer = Writer(fence: 1)
            for format in ["lzw", "zstd"] {
                _ = try await results.client.send(
                    RedisCommand("HSET", key: checkpoints.key(id), "data", "not this", "format", format)
                )
                await #expect(throws: CheckpointError.self) { _ = try await checkpoints.read(of: id, by: writer) }
            }
        }
    }
}
