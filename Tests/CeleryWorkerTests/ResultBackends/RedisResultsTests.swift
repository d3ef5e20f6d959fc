import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Which state stays, on a real Redis.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)))
struct RedisResultsTests {
    private let id = ServersUnderTest.name()

    private func withResults(_ body: (RedisResults) async throws -> Void) async throws {
        let results = RedisResults(ResultBackendSettings(), url: try RedisURL(try #require(ServersUnderTest.redis)))
        defer { results.close() }
        let keys = [
            results.commands.key(of: id), results.commands.startsKey(id: id, retries: 0),
            results.commands.retriedKey(id: id, retries: 0),
        ]
        try await body(results)
        for key in keys { _ = try await results.client.send(RedisCommand("DEL", key: key)) }
    }

    private func document(_ status: TaskState, _ result: String = "null") -> ResultDocument {
        ResultDocument(taskID: id, status: status, result: Array(result.utf8))
    }

    @Test func aSuccessIsNeverOverwritten() async throws {
        try await withResults { results in
            #expect(try await results.meta(of: id) == nil)
            for status in [TaskState.started, .retry, .progress, .failure, .revoked, .started] {
                try await results.store(document(status))
                #expect(try await results.meta(of: id)?.status == status)
            }
            try await results.store(document(.success, "1"))
            for status in [TaskState.success, .failure, .retry, .started] {
                try await results.store(document(status, "2"))
                #expect(try await results.meta(of: id)?.result == 1)
            }
            let lifetime = try await results.client.send(RedisCommand("TTL", key: results.commands.key(of: id)))
            #expect((86_000...86_400).contains(lifetime.integer ?? 0))
        }
    }

    @Test func whoListensHearsWhatIsStored() async throws {
        try await withResults { results in
            try await results.store(document(.success, "1"))
            let subscriber = RedisSubscriber(url: results.client.url)
            defer { subscriber.close() }
            let subscription = try await subscriber.subscribe(results.commands.key(of: id))
            try await results.store(document(.failure, "2"))
            for await event in subscription.events {
                guard case .message(let bytes) = event else { continue }
                let meta = try ResultMeta(json: bytes)
                #expect(meta.status == .success)
                #expect(meta.result == 1)
                break
            }
        }
    }

    @Test func theShortcutAndTheScriptAgree() async throws {
        try await withResults { results in
            var first: [UInt8] = []
            var stamp = DateStamp()
            let bytes = document(.success, "1").bytes(now: 0, stamp: &stamp)
            _ = results.commands.store(bytes, id: id, isFirst: true, into: &first)
            let guarded = try #require(results.commands.guarded(first)).commands
            for commands in [guarded, guarded] {
                let words = try #require(RESPReader.commands(in: commands).first)
                let arguments = words.dropFirst(4).map { Array($0) }
                _ = try await results.client.evaluate(
                    RedisResultCommands.storeScript,
                    keys: [Array(words[3])],
                    arguments: arguments
                )
                #expect(try await results.meta(of: id)?.result == 1)
            }
        }
    }

    @Test func startsAreCountedUntilTheEnd() async throws {
        try await withResults { results in
            #expect(try await results.countStart(id: id, retries: 0) == 2)
            #expect(try await results.countStart(id: id, retries: 0) == 3)
            try await results.store(document(.started))
            #expect(try await results.countStart(id: id, retries: 0) == 4)
            // The next attempt is counted by itself.
            #expect(try await results.countStart(id: id, retries: 1) == 2)
            try await results.markRetried(id: id, retries: 0)
            #expect(try await results.countStart(id: id, retries: 0) == -1)
            #expect(try await results.countStart(id: id, retries: 1) == 3)
            try await results.store(document(.success))
            #expect(try await results.countStart(id: id, retries: 0) == 0)
            #expect(try await results.countStart(id: id, retries: 1) == 0)
            let startsKey = results.commands.startsKey(id: id, retries: 1)
            _ = try await results.client.send(RedisCommand("DEL", key: startsKey))
        }
    }

    @Test func waitingForAResultThatNeverComesEnds() async throws {
        try await withResults { results in
            let error = await #expect(throws: CeleryError.self) {
                _ = try await results.ended(id, timeout: .milliseconds(100))
            }
            #expect(error?.description.contains(id) == true)
        }
    }
}
