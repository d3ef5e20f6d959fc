import Synchronization
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(1))) struct SingleFlightTests {
    private struct Broken: Error {}

    /// Work that goes on when told, and says how often it was begun and cancelled.
    private final class Work: Sendable {
        let begun = Mutex(0)
        let cancelled = Mutex(0)
        private let gate = AsyncStream.makeStream(of: Void.self)

        func run() async throws -> Int {
            begun.withLock { $0 += 1 }
            for await _ in gate.stream { break }
            if Task.isCancelled {
                cancelled.withLock { $0 += 1 }
                throw CancellationError()
            }
            return 42
        }

        func goOn() { gate.continuation.finish() }
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func equalRequestsShareOneWork() async throws {
        let (flights, work) = (SingleFlight<Int, Never>(), Work())
        let results = try await withThrowingTaskGroup(of: SingleFlight<Int, Never>.Shared.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await flights.value(for: "k") { _ in try await work.run() }
                }
            }
            await until { flights.waiters(of: "k") == 100 }
            work.goOn()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0.value == 42 })
        #expect(results.count { !$0.isShared } == 1)
        #expect(work.begun.withLock { $0 } == 1)
        #expect(flights.count == 0)
    }

    @Test func anErrorIsEverybodysAndIsNotKept() async throws {
        let flights = SingleFlight<Int, Never>()
        await #expect(throws: Broken.self) { try await flights.value(for: "k") { _ in throw Broken() } }
        let next = try await flights.value(for: "k") { _ in 1 }
        #expect(next == (1, false))
    }

    @Test func whoIsCancelledLeavesTheOthersAlone() async throws {
        let (flights, work) = (SingleFlight<Int, Never>(), Work())
        let first = Task { try await flights.value(for: "k") { _ in try await work.run() } }
        await until { flights.waiters(of: "k") == 1 }
        let second = Task { try await flights.value(for: "k") { _ in try await work.run() } }
        await until { flights.waiters(of: "k") == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        work.goOn()
        #expect(try await second.value == (42, true))
        #expect(work.begun.withLock { $0 } == 1)
        #expect(work.cancelled.withLock { $0 } == 0)
    }

    @Test func workThatNobodyWaitsForIsCancelled() async throws {
        let (flights, work) = (SingleFlight<Int, Never>(), Work())
        let only = Task { try await flights.value(for: "k") { _ in try await work.run() } }
        await until { work.begun.withLock { $0 } == 1 }
        only.cancel()
        await #expect(throws: CancellationError.self) { try await only.value }
        await until { work.cancelled.withLock { $0 } == 1 }
        #expect(flights.count == 0)
    }

    @Test func aTaskCancelledBeforehandDoesNotHang() async {
        let (flights, work) = (SingleFlight<Int, Never>(), Work())
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await flights.value(for: "k") { _ in try await work.run() }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(flights.count == 0)
    }

    @Test func newsReachThoseWhoComeLater() async throws {
        let (flights, work) = (SingleFlight<Int, String>(), Work())
        let heard = Mutex<[String]>([])
        let first = Task {
            try await flights.value(for: "k") { report in
                report("one")
                return try await work.run()
            }
        }
        await until { work.begun.withLock { $0 } == 1 }
        let second = Task {
            try await flights.value(for: "k", listener: { news in heard.withLock { $0.append(news) } }) { _ in 0 }
        }
        await until { heard.withLock { $0 } == ["one"] }
        work.goOn()
        _ = try await (first.value, second.value)
    }
}
