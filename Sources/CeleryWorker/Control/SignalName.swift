import CeleryProtocol
import OrderedCollections

/// The signals that `terminate` may name (`celery/platforms.py`, `Signals.signum`).
enum SignalName {
    private static let numbers: [String: Int] = [
        "SIGABRT": 6, "SIGALRM": 14, "SIGBUS": 7, "SIGCHLD": 17, "SIGCLD": 17, "SIGCONT": 18, "SIGFPE": 8, "SIGHUP": 1,
        "SIGILL": 4, "SIGINT": 2, "SIGIO": 29, "SIGIOT": 6, "SIGKILL": 9, "SIGPIPE": 13, "SIGPOLL": 29, "SIGPROF": 27,
        "SIGPWR": 30, "SIGQUIT": 3, "SIGSEGV": 11, "SIGSTKFLT": 16, "SIGSTOP": 19, "SIGSYS": 31, "SIGTERM": 15,
        "SIGTRAP": 5, "SIGTSTP": 20, "SIGTTIN": 21, "SIGTTOU": 22, "SIGURG": 23, "SIGUSR1": 10, "SIGUSR2": 12,
        "SIGVTALRM": 26, "SIGWINCH": 28, "SIGXCPU": 24, "SIGXFSZ": 25,
    ]

    /// The number of a normalized name; 15 for what is none.
    static func number(of name: String) -> Int32 { Int32(numbers[name] ?? 15) }

    /// The full name of what a client gives: `TERM`, `SIGTERM`, 15; nothing is TERM.
    ///
    /// - Throws: the exception that Python raises for anything else.
    static func normalized(_ value: CeleryValue?) throws(ExceptionRecord) -> String {
        switch value {
        case nil, .null, .string(""), .int(0), .bool(false): return "SIGTERM"
        case .int(let number):
            // Of two names with one number the one that is usual.
            let names = numbers.filter { $0.value == number && !["SIGCLD", "SIGIOT", "SIGPOLL"].contains($0.key) }
            guard let name = names.keys.first else { throw .valueError("signal number \(number) out of range") }
            return name
        case .string(let text) where text == text.uppercased() && text != text.lowercased():
            let name = text.hasPrefix("SIG") ? text : "SIG" + text
            guard numbers[name] != nil else {
                throw .builtin("AttributeError", "module 'signal' has no attribute '\(name)'")
            }
            return name
        default: throw .typeError("signal name must be uppercase string.")
        }
    }
}
