import CeleryWorker
import Foundation
import Synchronization

/// Takes memory and never gives it back, as a leak would; returns the id of its process.
///
/// With `--max-memory-per-child` its process is replaced when it has grown too large.
struct Hog: RunnableTask {
    static let name = "examples.hog"
    static let options = TaskOptions(pool: .processes)
    private static let kept = Mutex<[[UInt8]]>([])

    var megabytes: Int

    func run(_ context: TaskContext) async throws -> Int {
        guard (0...4096).contains(megabytes) else {
            throw ExceptionRecord.valueError("megabytes must be from 0 to 4096, not \(megabytes)")
        }
        let bytes = [UInt8](repeating: 1, count: megabytes << 20)
        Self.kept.withLock { $0.append(bytes) }
        return Int(ProcessInfo.processInfo.processIdentifier)
    }
}
