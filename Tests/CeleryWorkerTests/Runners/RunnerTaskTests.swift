import CeleryProtocol
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import CeleryWorker

/// To whom a shared Swift task belongs.
@Suite(.timeLimit(.minutes(1)))
struct RunnerTaskTests {
    @Test func aTaskThatEndsWithoutSuspendingBelongsToNobody() throws {
        let run = TestRun.make(try .sample())
        let task = RunnerTask()
        task.current = run
        #expect(!task.hasMoved)
        task.end()
        task.returned(Task {})
        #expect(!task.hasMoved)
        #expect(run.state.withLock { $0.handle == nil })
    }

    @Test func aTaskThatSuspendsBelongsToItsRunAlone() async throws {
        let run = TestRun.make(try .sample())
        let task = RunnerTask()
        task.current = run
        let handle = Task { _ = try? await Task.sleep(for: .seconds(50)) }
        task.returned(handle)
        #expect(task.hasMoved)
        run.stop(.softTimeLimit)
        await handle.value
        #expect(handle.isCancelled)
    }

    @Test func aRunThatWasStoppedBeforeItSuspendedIsCancelledThen() async throws {
        let run = TestRun.make(try .sample())
        run.stop(.shutdown)
        run.stop(.softTimeLimit)
        let handle = Task { _ = try? await Task.sleep(for: .seconds(50)) }
        run.belongs(to: handle)
        await handle.value
        #expect(handle.isCancelled)
        #expect(run.state.withLock { $0.stop } == .shutdown)
    }

    @Test func aSettledRunKeepsNoTask() throws {
        let run = TestRun.make(try .sample())
        #expect(run.claimSettlement())
        #expect(!run.claimSettlement())
        run.belongs(to: Task {})
        #expect(run.state.withLock { $0.handle == nil })
    }

    @Test func onAnotherThreadItHasMoved() async {
        let task = RunnerTask()
        let seen = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: task.hasMoved) }.start()
        }
        #expect(seen)
    }
}
