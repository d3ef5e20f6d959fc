import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Who has a task, on a real Redis: whatever happens, one worker, and of the others nothing counts.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)))
struct LeaseStoreTests {
    private let id = ServersUnderTest.name()
    private let queue = ServersUnderTest.name()
    private let message = LeaseStore.Message(properties: [0, 0], body: Array("[[], {}, null]".utf8))

    private func withLeases(
        _ duration: Duration = .seconds(60),
        _ body: (LeaseStore, RedisResults) async throws -> Void
    ) async throws {
        let results = RedisResults(ResultBackendSettings(), url: try RedisURL(try #require(ServersUnderTest.redis)))
        defer { results.close() }
        let leases = LeaseStore(
            client: results.client,
            results: results.commands,
            duration: duration,
            virtualHost: "/"
        )
        try await body(leases, results)
        for key in [leases.key(id, 0), leases.index(queue), results.commands.key(of: id)] {
            _ = try await results.client.send(RedisCommand("DEL", key: key))
        }
    }

    private func hold() -> LeaseHold { LeaseHold(taskID: id, retries: 0, queue: queue) }

    private func take(
        _ hold: LeaseHold,
        _ leases: LeaseStore,
        copy: LeaseHeader? = nil,
        isRepeat: Bool = false,
        most: Int = 5
    ) async throws -> LeaseStore.Taking {
        let taking = try await leases.take(
            hold,
            message,
            worker: "w",
            copy: copy,
            mostStarts: most,
            isRepeat: isRepeat
        )
        if case .taken(let fence, let starts) = taking { hold.take(fence: fence, starts: starts) }
        return taking
    }

    private func document(_ status: TaskState) -> ResultDocument {
        ResultDocument(taskID: id, status: status, result: Array("1".utf8))
    }

    @Test func oneOfManyTakesIt() async throws {
        try await withLeases { leases, _ in
            let taken = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await take(hold(), leases, isRepeat: .random()) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(taken.filter { $0 == .taken(fence: 1, starts: 1) }.count == 1)
            #expect(taken.filter { $0 == .isDuplicate }.count == 19)
        }
    }

    @Test func anAnswerThatWasLostIsGivenAgain() async throws {
        try await withLeases { leases, _ in
            let hold = hold()
            try #require(hold.isWaiting)
            for _ in 0..<2 { #expect(try await take(hold, leases) == .taken(fence: 1, starts: 1)) }
        }
    }

    @Test func oneOfManyWatchersMovesIt() async throws {
        try await withLeases(.milliseconds(1)) { leases, _ in
            let old = hold()
            _ = try await take(old, leases)
            let entry = LeaseStore.Entry(old)
            while try await leases.due(queue).isEmpty {}
            #expect(try await leases.due(queue) == [entry])
            let slow = LeaseStore(
                client: leases.client,
                results: leases.results,
                duration: .seconds(60),
                virtualHost: "/"
            )
            let claims = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await slow.claimLapsed(entry) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let won = claims.filter { $0 == .claimed(fence: 2, starts: 1, message, worker: "w") }
            #expect(won.count == 1, "\(claims)")
            #expect(try await slow.renew(old) == .lost)
            #expect(try await leases.store(document(.success), old) == false)
            try await slow.markQueued(entry, fence: 2, queue: queue)
            #expect(try await leases.due(queue).isEmpty)
            // Two copies, because a confirm was lost, and the original once more.
            let next = hold()
            let copy = LeaseHeader(fence: 2, starts: 1)
            #expect(try await take(hold(), leases, isRepeat: true) == .isDuplicate)
            #expect(try await take(next, slow, copy: copy) == .taken(fence: 3, starts: 2))
            #expect(try await take(hold(), leases, copy: copy) == .isDuplicate)
            #expect(try await leases.store(document(.progress), next))
            #expect(try await leases.store(document(.failure), old) == false)
        }
    }

    @Test func aClaimThatNobodyFinishedLapsesToo() async throws {
        try await withLeases(.milliseconds(1)) { leases, _ in
            let old = hold()
            _ = try await take(old, leases)
            let entry = LeaseStore.Entry(old)
            for fence in 2...4 {
                var claim = try await leases.claimLapsed(entry)
                while case .notLapsed = claim { claim = try await leases.claimLapsed(entry) }
                #expect(claim == .claimed(fence: fence, starts: 1, message, worker: "w"))
            }
            // The first copy was published all the same; the last one counts.
            #expect(try await take(hold(), leases, copy: LeaseHeader(fence: 2, starts: 1)) == .isDuplicate)
            let last = LeaseHeader(fence: 4, starts: 1)
            #expect(try await take(hold(), leases, copy: last) == .taken(fence: 5, starts: 2))
        }
    }

    @Test func startsAreBounded() async throws {
        try await withLeases { leases, _ in
            var header: LeaseHeader?
            for start in 1...2 {
                let hold = hold()
                #expect(
                    try await take(hold, leases, copy: header, most: 2)
                        == .taken(fence: 2 * start - 1, starts: start)
                )
                guard case .claimed(let fence, let starts, _, _) = try await leases.claim(hold, counts: true) else {
                    Issue.record("not claimed")
                    return
                }
                header = LeaseHeader(fence: fence, starts: starts)
            }
            #expect(try await take(hold(), leases, copy: header, most: 2) == .tooManyStarts(3))
        }
    }

    @Test func aStartThatWasHandedBackDoesNotCount() async throws {
        try await withLeases { leases, _ in
            let first = hold()
            _ = try await take(first, leases)
            #expect(
                try await leases.claim(first, counts: false) == .claimed(fence: 2, starts: 0, message, worker: "w")
            )
            #expect(try await leases.claim(first, counts: false) == .nothing, "it is not the holder's any more")
            #expect(
                try await take(hold(), leases, copy: LeaseHeader(fence: 2, starts: 0)) == .taken(fence: 3, starts: 1)
            )
        }
    }

    @Test func whatHasEndedBeginsAnewOnlyWhenItIsSentAnew() async throws {
        try await withLeases { leases, _ in
            for (success, isRepeat) in [(true, true), (true, false), (false, true), (false, false)] {
                let first = hold()
                _ = try await take(first, leases)
                try await leases.end(first, success: success)
                let again = hold()
                let isDropped = success && isRepeat
                let taking = try await take(again, leases, isRepeat: isRepeat)
                #expect((taking == .isDuplicate) == isDropped, "\(success) \(isRepeat) \(taking)")
                if !isDropped { try await leases.end(again, success: false) }
            }
        }
    }

    @Test func aTaskThatHasSucceededIsNotRunAgain() async throws {
        try await withLeases { leases, results in
            try await results.store(document(.success))
            #expect(try await take(hold(), leases, isRepeat: true) == .hasSucceeded)
            #expect(try await take(hold(), leases, copy: LeaseHeader(fence: 9, starts: 1)) == .hasSucceeded)
            #expect(try await take(hold(), leases) == .taken(fence: 1, starts: 1), "sent anew under the same id")
        }
    }

    @Test func aLeaseThatRedisHasForgottenIsPutBackOnce() async throws {
        try await withLeases { leases, _ in
            let first = hold()
            _ = try await take(first, leases)
            _ = try await leases.client.send(RedisCommand("DEL", key: leases.key(id, 0)))
            #expect(try await leases.renew(first) == .unknown)
            #expect(try await leases.restore(first, message, worker: "w"))
            #expect(try await leases.renew(first) == .renewed)
            #expect(try await leases.restore(first, message, worker: "w") == false)
        }
    }

    @Test func anotherTryHasALeaseOfItsOwn() async throws {
        try await withLeases { leases, _ in
            _ = try await take(hold(), leases)
            let next = LeaseHold(taskID: id, retries: 1, queue: queue)
            #expect(try await take(next, leases) == .taken(fence: 1, starts: 1))
            _ = try await leases.client.send(RedisCommand("DEL", key: leases.key(id, 1)))
        }
    }
}
