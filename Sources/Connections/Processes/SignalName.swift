import Glibc

/// The signals that have names.
package enum SignalName {
    package static let terminate = SIGTERM
    package static let interrupt = SIGINT
    package static let kill = SIGKILL
    /// The CPU time that a process may use is used up.
    package static let cpuTime = SIGXCPU

    /// Of two names with one number the usual one comes first.
    private static let numbers: [(name: String, number: Int32)] = [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGILL", SIGILL), ("SIGTRAP", SIGTRAP),
        ("SIGABRT", SIGABRT), ("SIGBUS", SIGBUS), ("SIGFPE", SIGFPE), ("SIGKILL", SIGKILL), ("SIGUSR1", SIGUSR1),
        ("SIGSEGV", SIGSEGV), ("SIGUSR2", SIGUSR2), ("SIGPIPE", SIGPIPE), ("SIGALRM", SIGALRM), ("SIGTERM", SIGTERM),
        ("SIGSTKFLT", SIGSTKFLT), ("SIGCHLD", SIGCHLD), ("SIGCONT", SIGCONT), ("SIGSTOP", SIGSTOP),
        ("SIGTSTP", SIGTSTP), ("SIGTTIN", SIGTTIN), ("SIGTTOU", SIGTTOU), ("SIGURG", SIGURG), ("SIGXCPU", SIGXCPU),
        ("SIGXFSZ", SIGXFSZ), ("SIGVTALRM", SIGVTALRM), ("SIGPROF", SIGPROF), ("SIGWINCH", SIGWINCH), ("SIGIO", SIGIO),
        ("SIGPWR", SIGPWR), ("SIGSYS", SIGSYS), ("SIGPOLL", SIGIO), ("SIGIOT", SIGABRT), ("SIGCLD", SIGCHLD),
    ]

    /// `SIGKILL` for 9; nil for one without a name here.
    package static func of(_ number: Int32) -> String? { numbers.first { $0.number == number }?.name }

    /// 9 for `SIGKILL`, `KILL` or `kill`.
    package static func number(of name: String) -> Int32? {
        let name = name.uppercased()
        return numbers.first { $0.name == name || $0.name.dropFirst(3) == name }?.number
    }
}
