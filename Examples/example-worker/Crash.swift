import CeleryWorker
import Foundation

/// Ends the process that it runs in. In the process pool that harms nobody else: `pool: .processes`.
///
/// By default its message goes back to the queue, five times at most; with `rejectOnWorkerLost: false` the sender sees
/// `WorkerLostError` at once.
struct Crash: RunnableTask {
    static let name = "examples.crash"
    static let options = TaskOptions(pool: .processes)

    /// A signal to die of, or a negative number: an exit status.
    var signal: Int

    func run(_ context: TaskContext) async throws {
        guard let number = Int32(exactly: signal), (-255...64).contains(number) else {
            throw ExceptionRecord.valueError("signal must be from -255 to 64, not \(signal)")
        }
        if number < 0 { exit(-number) }
        // Without Swift's backtrace, which takes a second.
        Foundation.signal(number, SIG_DFL)
        raise(number)
        throw ExceptionRecord.runtimeError("signal \(number) has not ended the process")
    }
}
