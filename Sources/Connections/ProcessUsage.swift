import Foundation
import Glibc

/// What the system has counted for this process (`getrusage(2)`).
package struct ProcessUsage: Sendable {
    /// Seconds.
    package var userTime: Double
    /// Seconds.
    package var systemTime: Double
    /// The other fields by their names without `ru_`, in the order of the structure; `maxrss` in KiB.
    package var counts: [(name: String, value: Int)]

    /// Nil when the system does not say.
    package static var current: ProcessUsage? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        return ProcessUsage(
            userTime: usage.ru_utime.seconds,
            systemTime: usage.ru_stime.seconds,
            counts: [
                ("maxrss", usage.ru_maxrss), ("ixrss", usage.ru_ixrss), ("idrss", usage.ru_idrss),
                ("isrss", usage.ru_isrss), ("minflt", usage.ru_minflt), ("majflt", usage.ru_majflt),
                ("nswap", usage.ru_nswap), ("inblock", usage.ru_inblock), ("oublock", usage.ru_oublock),
                ("msgsnd", usage.ru_msgsnd), ("msgrcv", usage.ru_msgrcv), ("nsignals", usage.ru_nsignals),
                ("nvcsw", usage.ru_nvcsw), ("nivcsw", usage.ru_nivcsw),
            ]
        )
    }

    /// Bytes of this process that are in memory now (`/proc/self/statm`); nil when the system does not say.
    package static var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
