import CeleryWorker
import Foundation

/// Blocks its thread and does not ask whether it should stop, as a call into a C library may.
///
/// Only in a process of its own can it be ended: `tasks: {examples.block: {pool: processes}}`.
struct Block: RunnableTask {
    static let name = "examples.block"
    static let options = TaskOptions(blocks: true)

    var seconds: Double

    func run(_ context: TaskContext) async throws -> Int {
        _ = try Duration(secondsOfTask: seconds)
        wait()
        return Int(ProcessInfo.processInfo.processIdentifier)
    }

    private func wait() { Thread.sleep(forTimeInterval: seconds) }
}
