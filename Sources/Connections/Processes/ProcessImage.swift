import Glibc

/// This process's own program.
package enum ProcessImage {
    /// Runs the program anew in the same process, with the same arguments and environment (execve(2)).
    ///
    /// Returns only when that has failed: the reason.
    package static func restart() -> String {
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        execv("/proc/self/exe", arguments)
        return String(cString: strerror(errno))
    }
}
