import Connections
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import CeleryWorker

/// Who runs what, and on which thread.
@Suite(.timeLimit(.minutes(1)))
struct RunnerPoolTests {
    private struct Step: Sendable, Equatable {
        var index: Int
        var thread: UInt
    }

    /// A pool whose deliveries are numbers; it ends with the test.
    private final class Bench: Sendable {
        let pool: RunnerPool
        let started = Tally<Step>()
        let ended = Tally<Step>()
        let maxAtOnce = Mutex<[Int: Int]>([:])
        private let batch = AMQPDeliveryBatch(bytes: [], deliveries: [])

        init(
            _ lanes: [(priority: Int, slots: Int)] = [(5, 100)],
            totalSlots: Int? = nil,
            body: @escaping @Sendable (Int, RunnerPool) async -> Void
        ) {
            pool = RunnerPool(lanes: lanes, totalSlots: totalSlots, maxRunners: 8)
            pool.connect(
                handle: { [pool, started, ended] entry, lane, _ in
                    self.maxAtOnce.withLock { $0[lane] = max($0[lane] ?? 0, pool.running(lane: lane)) }
                    started.add(Step(index: entry.index, thread: RunnerPoolTests.thread))
                    await body(entry.index, pool)
                    pool.finished(lane: lane)
                    ended.add(Step(index: entry.index, thread: RunnerPoolTests.thread))
                },
                idle: {}
            )
        }

        func push(_ indices: Range<Int>, lane: Int = 0) {
            for index in indices { pool.push(PriorityDispatch.Entry(batch: batch, index: index, epoch: 1), lane: lane) }
        }

        /// Two looks of the connection's thread, between which nothing was handed out.
        func relieve() {
            pool.relieve()
            pool.relieve()
        }
    }

    private static var thread: UInt { UInt(pthread_self()) }

    @Test func bodiesThatNeverSuspendRunInOrderOnOneThread() async throws {
        let bench = Bench { _, _ in }
        defer { bench.pool.stop() }
        bench.push(0..<1000)
        let steps = try await bench.ended.wait(for: 1000)
        #expect(steps.map(\.index) == Array(0..<1000))
        #expect(Set(steps.map(\.thread)).count == 1)
        #expect(bench.pool.counts.threads == 1)
    }

    @Test func behindABlockedThreadTheOthersGoOnAfterRelief() async throws {
        let release = DispatchSemaphore(value: 0)
        let bench = Bench { index, _ in if index == 0 { Self.block(release) } }
        defer { bench.pool.stop() }
        bench.push(0..<1)
        try await bench.started.wait(for: 1)
        bench.push(1..<20)
        #expect(bench.pool.counts.waiting == 19)
        bench.relieve()
        let others = try await bench.ended.wait(for: 19)
        #expect(others.map(\.index) == Array(1..<20))
        release.signal()
        #expect(try await bench.ended.wait(for: 20).last?.index == 0)
    }

    @Test func whoeverSaysThatItBlocksHoldsUpNobody() async throws {
        let release = DispatchSemaphore(value: 0)
        let pushed = DispatchSemaphore(value: 0)
        let bench = Bench { index, pool in
            guard index == 0 else { return }
            Self.block(pushed)
            pool.willBlock()
            Self.block(release)
        }
        defer { bench.pool.stop() }
        bench.push(0..<20)
        pushed.signal()
        #expect(try await bench.ended.wait(for: 19).map(\.index) == Array(1..<20))
        release.signal()
        try await bench.ended.wait(for: 20)
    }

    @Test func aBodyThatSuspendsHoldsUpNobodyAndGoesOnHere() async throws {
        let gate = Gate()
        let threads = Tally<UInt>()
        let bench = Bench { index, _ in
            guard index == 0 else { return }
            await gate.pass()
            threads.add(Self.thread)
            await Task.yield()
            threads.add(Self.thread)
        }
        defer { bench.pool.stop() }
        bench.push(0..<20)
        let others = try await bench.ended.wait(for: 19)
        #expect(others.map(\.index) == Array(1..<20))
        #expect(bench.pool.counts.running == 1)
        gate.open()
        try await bench.ended.wait(for: 20)
        #expect(bench.pool.counts.threads == 1)
        #expect(threads.values == [others[0].thread, others[0].thread])
    }

    @Test func manySuspendedBodiesNeedFewThreads() async throws {
        let gate = Gate()
        let bench = Bench { _, _ in await gate.pass() }
        defer { bench.pool.stop() }
        bench.push(0..<100)
        try await bench.started.wait(for: 100)
        #expect(bench.pool.counts.running == 100)
        #expect(bench.pool.counts.threads == 1)
        gate.open()
        try await bench.ended.wait(for: 100)
    }

    @Test func eachQueueHasItsSlots() async throws {
        let gate = Gate()
        let bench = Bench([(10, 2), (3, 1)]) { _, _ in await gate.pass() }
        defer { bench.pool.stop() }
        bench.push(0..<5, lane: 0)
        bench.push(10..<15, lane: 1)
        try await bench.started.wait(for: 3)
        #expect(bench.pool.running(lane: 0) == 2)
        #expect(bench.pool.running(lane: 1) == 1)
        #expect(bench.pool.counts.waiting == 7)
        gate.open()
        try await bench.ended.wait(for: 10)
        #expect(bench.maxAtOnce.withLock { $0 } == [0: 2, 1: 1])
    }

    @Test func aTotalHoldsForAllQueues() async throws {
        let gate = Gate()
        let bench = Bench([(10, 5), (3, 5)], totalSlots: 2) { _, _ in await gate.pass() }
        defer { bench.pool.stop() }
        bench.push(0..<1, lane: 1)
        bench.push(10..<15, lane: 0)
        try await bench.started.wait(for: 2)
        #expect(bench.pool.counts.running == 2)
        gate.open()
        try await bench.ended.wait(for: 6)
    }

    @Test func whatHasNotStartedCanBeTakenBack() async throws {
        let gate = Gate()
        let bench = Bench([(10, 1)]) { _, _ in await gate.pass() }
        defer { bench.pool.stop() }
        bench.push(0..<5)
        try await bench.started.wait(for: 1)
        #expect(bench.pool.removeWaiting(lane: 0).map(\.entry.index) == [1, 2, 3, 4])
        gate.open()
        #expect(try await bench.ended.wait(for: 1).count == 1)
        #expect(bench.pool.counts.waiting == 0)
    }

    @Test func aStoppedPoolHasNoThreads() async throws {
        let release = DispatchSemaphore(value: 0)
        let bench = Bench { index, _ in if index == 0 { Self.block(release) } }
        bench.push(0..<1)
        try await bench.started.wait(for: 1)
        bench.push(1..<5)
        bench.relieve()
        try await bench.ended.wait(for: 4)
        #expect(bench.pool.counts.threads == 2)
        bench.pool.stop()
        release.signal()
        try await bench.ended.wait(for: 5)
        // A thread's end tells nobody, so it is asked for.
        let end = ContinuousClock.now + .seconds(10)
        while bench.pool.counts.threads > 0, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
        #expect(bench.pool.counts.threads == 0)
    }

    /// Blocks the thread, as a C call would.
    private static func block(_ semaphore: DispatchSemaphore) {
        _ = semaphore.wait(timeout: .now() + 20)
    }
}
