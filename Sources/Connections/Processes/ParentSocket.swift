import CProcess
import Glibc
import Synchronization

/// A child's side of the socket to its parent (see `FramedChild`).
package final class ParentSocket: Sendable {
    private let descriptor: Int32
    private let sending = Mutex<Void>(())

    /// Takes over a descriptor that the parent gave; from here on the process dies with its parent.
    ///
    /// - Returns: Nil when the parent is gone already, or the descriptor is not open.
    package init?(descriptor: Int32, parent: Int32) {
        chard_die_with_parent()
        guard getppid() == parent, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
        self.descriptor = descriptor
        // The parent decides when this process ends, also when a whole group is told to.
        chard_disregard(SIGTERM)
        chard_disregard(SIGINT)
    }

    /// Reads frames until the parent closes its side or is gone; blocks the thread.
    package func readAll(_ onFrame: ([UInt8]) -> Void) {
        var reader = FrameReader()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case .bytes(let count) = Descriptors.read(descriptor, into: &buffer) {
            reader.append(buffer[..<count])
            while let frame = reader.next() { onFrame(frame) }
        }
    }

    /// Sends a frame; blocks while the parent does not read. False when it is too long for a frame.
    @discardableResult
    package func send(_ payload: [UInt8]) -> Bool {
        guard let frame = FrameReader.frame(payload) else { return false }
        sending.withLock { _ in
            var rest = frame[...]
            while !rest.isEmpty, let count = Descriptors.send(rest, to: descriptor, waits: true) {
                rest = rest.dropFirst(count)
            }
        }
        return true
    }

    /// Ends the process by a signal that it has disregarded so far.
    package func dieOf(_ signal: Int32) {
        flushStandardOutput()
        chard_set_default(signal)
        kill(getpid(), signal)
    }

    /// Sends out what the program has printed and C still keeps.
    package func flushStandardOutput() { fflush(nil) }

    /// Ends the process without any more code of its own.
    package func exit(_ code: Int32) -> Never { _exit(code) }
}
