import CeleryProtocol
import Testing

@testable import CeleryWorker

/// What goes between a worker and its children comes out as it went in, and broken frames are none.
struct PoolFrameTests {
    private static let outcomes: [Outcome] = [
        .succeeded(Array("[1, 2]".utf8)),
        .succeeded([]),
        .failed(ExceptionRecord(module: "a.b", type: "C.D", message: ["ü", 1, nil]), traceback: "line\nline\n"),
        .retry(after: .milliseconds(1500), .valueError("x"), traceback: "t"),
        .retry(after: .zero, nil, traceback: ""),
        .rejected(TaskRejected("no", requeue: true)),
        .rejected(TaskRejected("", requeue: false)),
        .ignored,
        .interrupted,
    ]

    @Test(arguments: outcomes.indices)
    func answers(_ index: Int) throws {
        let outcome = Self.outcomes[index]
        let children: [CeleryValue] = index.isMultiple(of: 2) ? [] : [[["id", nil], nil]]
        let answer = PoolAnswer(job: 70_000, outcome: outcome, children: children, hasStoredState: index == 1)
        let read = try #require(PoolAnswer(answer.frame))
        #expect(read.job == 70_000)
        #expect(read.children == children)
        #expect(read.hasStoredState == (index == 1))
        #expect("\(read.outcome)" == "\(outcome)")
        for length in 0..<answer.frame.count {
            #expect(PoolAnswer(Array(answer.frame.prefix(length))) == nil, "cut after \(length) bytes")
        }
    }

    @Test func noAnswers() {
        #expect(PoolAnswer([]) == nil)
        #expect(PoolAnswer([1]) == nil)
        #expect(PoolAnswer([2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 99]) == nil, "an unknown kind")
    }

    @Test func numbers() {
        var writer = PoolFrameWriter(7)
        writer.add(UInt32(0xdead_beef))
        writer.add(Int64(-2))
        writer.add("ü")
        var reader = PoolFrameReader(writer.bytes)
        #expect(reader.byte() == 7)
        #expect(reader.uint32() == 0xdead_beef)
        #expect(reader.int64() == -2)
        #expect(reader.text() == "ü")
        #expect(reader.byte() == nil)
    }

    @Test func membership() {
        let own = PoolMembership(parent: 17, number: 3)
        #expect(own.text == "3:17:3")
        #expect(PoolMembership(own.text) == own)
        for text in ["", "3", "3:17", "3:17:x", "3:17:3:4", "::"] { #expect(PoolMembership(text) == nil) }
        #expect(PoolMembership.processName == "MainProcess")
    }

    @Test func whatTheLossOfAProcessMeans() throws {
        func outcome(_ change: (inout QueueSettings) -> Void, stop: TaskRun.Stop? = nil) throws -> String {
            var queue = QueueSettings(name: "q")
            change(&queue)
            let run = TestRun.make(try .sample(), queue: queue)
            if let stop { run.stop(stop) }
            switch ProcessPool.outcome(of: run, lostBy: "lost") {
            case .rejected(let rejected): return "rejected \(rejected.reason) \(rejected.requeue)"
            case .failed(let exception, let traceback):
                #expect(traceback.hasSuffix("billiard.exceptions.WorkerLostError: lost\n"))
                return exception.pythonRepr
            case let other: return "\(other)"
            }
        }
        #expect(try outcome { _ in } == "rejected lost true")
        #expect(try outcome { $0.rejectOnWorkerLost = true } == "rejected lost true")
        #expect(try outcome { $0.rejectOnWorkerLost = false } == "WorkerLostError('lost')")
        #expect(try outcome { $0.delivery = .atMostOnce } == "WorkerLostError('lost')")
        #expect(try outcome({ _ in }, stop: .shutdown) == "interrupted")
    }

    @Test func aPoolWithoutTasksHasNoProcesses() async throws {
        var settings = WorkerSettings()
        settings.processes = 3
        let pool = ProcessPool(settings, logger: .silent)
        #expect(pool.snapshot().processes.isEmpty)
        #expect(pool.snapshot().celeryValue["max-concurrency"] == 3)
        #expect(pool.snapshot().celeryValue["max-tasks-per-child"] == "N/A")
        await pool.stop()
        #expect(await pool.acquire() == nil, "an ended pool makes none")
        #expect(pool.snapshot().counts.started == 0)
    }
}
