import Glibc

/// A process that could not be started.
package struct ProcessError: Error, Sendable, Hashable, CustomStringConvertible {
    package var attempt: String
    package var reason: String
    /// The system's error number.
    package var code: Int32

    init(_ attempt: String, code: Int32) {
        self.attempt = attempt
        self.code = code
        reason = String(cString: strerror(code))
    }

    /// Whether the same may succeed later: there was no memory, or no process or descriptor left.
    package var isTemporary: Bool { [EAGAIN, ENOMEM, EMFILE, ENFILE].contains(code) }

    package var description: String { "\(attempt): \(reason)" }
}
