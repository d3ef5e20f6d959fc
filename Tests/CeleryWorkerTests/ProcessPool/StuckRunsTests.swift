import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Bodies that outlive their hard time limit.
struct StuckRunsTests {
    @Test func theyAreListedUntilTheyEnd() throws {
        let stuck = StuckRuns(logger: .silent)
        let run = TestRun.make(try .sample())
        let other = TestRun.make(try .sample())
        stuck.ended(run)
        #expect(stuck.all.isEmpty)
        stuck.add(run)
        stuck.add(other)
        #expect(stuck.all.map(\.id) == [run.message.id, other.message.id])
        stuck.ended(run)
        stuck.ended(run)
        #expect(stuck.all.count == 1)
        stuck.ended(other)
        #expect(stuck.all.isEmpty)
        #expect(stuck.total == 0, "nobody had to be told")
    }

    @Test func aRunWithoutAProcessHasNothingToKill() throws {
        let run = TestRun.make(try .sample())
        #expect(!run.killProcess())
        #expect(!run.terminateProcess(signal: 15))
        run.begin()
        run.pause()
        #expect(run.elapsed(at: .distantFuture) == 0, "waiting is not running")
    }
}
