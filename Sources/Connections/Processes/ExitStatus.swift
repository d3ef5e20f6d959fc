/// How a process ended.
package enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    package var isSuccess: Bool { self == .code(0) }

    /// `exitcode 1`, `signal 9 (SIGKILL)`: billiard's words (`billiard/common.py`, `human_status`).
    package var description: String {
        switch self {
        case .code(let code): "exitcode \(code)"
        case .signal(let number): "signal \(number)" + (SignalName.of(number).map { " (\($0))" } ?? "")
        }
    }
}
