import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// What one worker knows of revoked tasks.
struct RevocationsTests {
    private let revocations = Revocations(WorkerSettings(), results: nil, running: RunningTasks(), logger: .silent)

    @Test func byID() throws {
        let message = try TaskMessage.sample()
        #expect(revocations.revocation(of: message) == nil)
        revocations.revoke(["other", "id-1"])
        #expect(revocations.contains("other"))
        #expect(revocations.revocation(of: message) == .id)
        #expect(revocations.snapshot == ["other", "id-1"])
    }

    @Test func byStamp() throws {
        revocations.revoke(stamps: ["h": ["v", 1]])
        let stamped = try TaskMessage.sample {
            $0.stampedHeaders = ["h"]
            $0.stamps = ["h": 1]
        }
        #expect(revocations.revocation(of: stamped)?.logSuffix == " (revoked by header: {'h': 1})")
        #expect(revocations.revocation(of: try TaskMessage.sample()) == nil)
        #expect(revocations.snapshot.isEmpty)
    }

    @Test(arguments: [["a", "b"], ["a": [1.5, "a"], "b": 3], "nonsense", nil, ["a", 7, "b"]] as [CeleryValue?])
    func mergesWhatNeighboursSay(value: CeleryValue?) {
        revocations.merge(value)
        #expect(revocations.snapshot == (value == "nonsense" || value == nil ? [] : ["a", "b"]))
    }

    @Test func aRefusalTellsTheSenderUnlessItIgnoresResults() throws {
        let known = KnownTask(
            task: RegisteredTask(name: "examples.add", options: TaskOptions()) { _ in [] },
            rules: TaskRules(queue: QueueSettings(name: "q"))
        )
        func refusal(_ change: (inout TaskMessage.Draft) -> Void) throws -> Admission.Refusal? {
            let message = try TaskMessage.sample(change)
            let decision = Admission.decide(message, task: known, now: 10, revocation: .id)
            guard case .turnAway(let refusal) = decision else { return nil }
            return refusal
        }
        let told = try #require(try refusal { $0.eta = Timestamp(microsecondsSince1970: 1_000_000) })
        #expect(told.text == "Discarding revoked task: examples.add[id-1]")
        #expect(told.sender?.state == .revoked)
        #expect(told.sender?.exception == .taskRevoked("revoked"))
        #expect(told.message?.id == "id-1")
        #expect(told.reason == nil)
        let ignored = try #require(try refusal { $0.ignoreResult = true })
        guard case .nothing = SettlementPlan(ignored, keepsRejected: true).storing else {
            Issue.record("something would be stored for a sender who wants nothing")
            return
        }
        let expired = try refusal { $0.expires = Timestamp(microsecondsSince1970: 5) }
        #expect(expired?.sender?.exception == .taskRevoked("expired"))
    }
}

/// How revocations outlive a worker, on a real Redis.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)), .serialized)
struct RevocationStoreTests {
    private let prefix = ServersUnderTest.name() + ":"

    private func withResults(_ body: (RedisResults) async throws -> Void) async throws {
        var settings = ResultBackendSettings()
        settings.keyPrefix = prefix
        let results = RedisResults(settings, url: try RedisURL(try #require(ServersUnderTest.redis)))
        defer { results.close() }
        try await body(results)
        for key in ["chard-revoked", "chard-revoked-stamps"] {
            _ = try await results.client.send(RedisCommand("DEL", key: prefix + key))
        }
    }

    private func revocations(_ results: RedisResults, max: Int = 50_000) -> Revocations {
        var settings = WorkerSettings()
        settings.revokesMax = max
        settings.revokeExpires = .seconds(60)
        return Revocations(settings, results: results, running: RunningTasks(), logger: .silent)
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<1000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("waited ten seconds in vain")
    }

    @Test func whoWasAwayLearnsOfItAtItsStart() async throws {
        try await withResults { results in
            let first = revocations(results)
            first.revoke(["a", "b"])
            first.revoke(stamps: ["h": [1234]])
            try await eventually {
                let late = revocations(results)
                await late.start()
                defer { late.stop() }
                return late.snapshot == ["a", "b"] && late.match(names: ["h"], stamps: ["h": 1234]) != nil
            }
            let late = revocations(results)
            await late.start()
            #expect(late.match(names: ["h"], stamps: ["h": "1234"]) == nil)
            late.stop()
            let lifetime = try await results.client.send(RedisCommand("TTL", key: prefix + "chard-revoked"))
            #expect((1...61).contains(lifetime.integer ?? 0))
        }
    }

    @Test func whoRunsIsTold() async throws {
        try await withResults { results in
            let (first, second) = (revocations(results), revocations(results))
            await second.start()
            defer { second.stop() }
            first.revoke(["a"])
            first.revoke(stamps: ["h": ["v"]])
            try await eventually { second.contains("a") && second.match(names: ["h"], stamps: ["h": "v"]) != nil }
        }
    }

    @Test func whatIsExpiredIsNotReadAndGoesWithTheNext() async throws {
        try await withResults { results in
            let store = RevocationStore(results, limit: 2, lifetime: 10)
            let now = 2_000_000_000.0
            try await store.save(ids: ["old"], now: now - 11)
            #expect(try await store.load(now: now).ids.isEmpty)
            try await store.save(ids: ["a"], now: now)
            try await store.save(ids: ["b"], now: now + 1)
            try await store.save(ids: ["c"], now: now + 2)
            let ids = try await store.load(now: now + 3).ids
            #expect(ids == [.init(id: "b", time: now + 1), .init(id: "c", time: now + 2)])
            let count = try await results.client.send(RedisCommand("ZCARD", key: prefix + "chard-revoked"))
            #expect(count.integer == 2)
        }
    }

    @Test func onlyWhatHasNotBegunGetsTheState() async throws {
        try await withResults { results in
            let store = RevocationStore(results, limit: 10, lifetime: 10)
            for (state, after) in [
                (nil, TaskState.revoked), (.retry, .revoked), (.started, .started), (.success, .success),
                (.failure, .failure), (.progress, .progress), (.revoked, .revoked),
            ] as [(TaskState?, TaskState)] {
                let id = ServersUnderTest.name()
                if let state {
                    try await results.store(ResultDocument(taskID: id, status: state, result: Array("1".utf8)))
                }
                try await store.markRevoked([id])
                let meta = try await results.meta(of: id)
                #expect(meta?.status == after)
                if state == nil { #expect(ExceptionRecord(meta?.result ?? .null) == .taskRevoked("revoked")) }
                try await results.forget(id)
                #expect(try await results.meta(of: id) == nil)
            }
        }
    }

    @Test func anAbortIsReadByTheTask() async throws {
        try await withResults { results in
            let result = AsyncResult<CeleryValue>(id: ServersUnderTest.name(), results: results)
            #expect(try await !result.isAborted())
            try await result.abort()
            #expect(try await result.isAborted())
            #expect(try await result.meta()?.result == .null)
            try await result.forget()
            #expect(try await result.state() == .pending)
        }
    }
}
