import Foundation
import Synchronization

/// Which of several monitors on one history writes: the one that holds the lock of the file beside it.
///
/// The kernel gives the lock back when its holder dies, however it dies (`flock(2)`).
final class WriterLock: Sendable {
    private let path: String?
    private let descriptor = Mutex<Int32?>(nil)

    /// - Parameter path: Nil: nobody else can write, so the lock is always held.
    init(path: String?) { self.path = path }

    var isHeld: Bool { path == nil || descriptor.withLock { $0 != nil } }

    /// Takes the lock when nobody holds it.
    ///
    /// - Returns: Whether it is held now.
    /// - Throws: `MonitorError` when the file beside the history can't be made.
    @discardableResult
    func take() throws -> Bool {
        guard let path else { return true }
        return try descriptor.withLock { held in
            guard held == nil else { return true }
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else {
                throw MonitorError(
                    "opening the history's lock \(path): \(String(cString: strerror(errno))); make its folder writable, "
                        + "or name another file with monitor.history"
                )
            }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                close(file)
                return false
            }
            held = file
            return true
        }
    }

    func release() {
        descriptor.withLock { held in
            if let file = held { close(file) }
            held = nil
        }
    }

    deinit { release() }
}
