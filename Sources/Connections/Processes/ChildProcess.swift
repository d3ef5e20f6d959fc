import CProcess
import Glibc
import Synchronization

/// A process that this one started: signals to it, and its end.
///
/// It leads a process group of its own, and dies with the thread that started it.
package final class ChildProcess: Sendable {
    package let pid: Int32
    /// Readable when the process has ended; -1 where the system has no such thing.
    let endDescriptor: Int32
    /// Whether it has been waited for: its number may then belong to another process.
    private let isReaped = Mutex(false)

    /// Starts it, with `descriptors` as its 0, 1, 2, …
    init(_ request: SpawnRequest, descriptors: [Int32]) throws(ProcessError) {
        pid = try request.spawn(descriptors)
        endDescriptor = chard_pidfd(pid)
    }

    deinit {
        if endDescriptor >= 0 { Glibc.close(endDescriptor) }
    }

    /// Sends a signal, to the process or to all of its group; nothing happens once it has been waited for.
    package func kill(_ signal: Int32, group: Bool = false) {
        isReaped.withLock { isReaped in
            if !isReaped { _ = Glibc.kill(group ? -pid : pid, signal) }
        }
    }

    /// Waits for the end, and leaves the process to be waited for; blocks the thread. Its group can still be killed.
    func awaitEnd() { chard_await_end(pid) }

    /// Waits for the end; blocks the thread. To be called once.
    func wait() -> ExitStatus {
        // Not under the lock, so that it can be killed meanwhile.
        chard_await_end(pid)
        return isReaped.withLock { isReaped in
            var status: Int32 = 0
            var waited = waitpid(pid, &status, 0)
            while waited < 0, errno == EINTR { waited = waitpid(pid, &status, 0) }
            isReaped = true
            // Whoever started this process may have told it to ignore SIGCHLD; then nobody knows how a child ended.
            guard waited == pid else { return .code(255) }
            let signal = chard_exit_signal(status)
            return signal > 0 ? .signal(signal) : .code(chard_exit_code(status))
        }
    }

    /// KiB of memory that a process has resident; nil when it is gone (`/proc/<pid>/statm`).
    package static func residentKiB(of pid: Int32) -> Int? {
        let descriptor = open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024 } : nil
    }
}
