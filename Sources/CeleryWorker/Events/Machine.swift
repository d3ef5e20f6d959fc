import CeleryProtocol
import Foundation
import Glibc
import OrderedCollections

/// What events tell of the machine.
enum Machine {
    /// Hours that local time lies west of UTC now (`celery/utils/time.py` `utcoffset`).
    static var utcoffset: Double {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return -Double(local.tm_gmtoff) / 3600
    }

    /// The load averages of 1, 5 and 15 minutes, rounded up to two digits (`celery/utils/sysinfo.py`).
    static var loadAverage: CeleryValue {
        var loads = [0.0, 0.0, 0.0]
        guard getloadavg(&loads, 3) == 3 else { return [0.0, 0.0, 0.0] }
        return .array(loads.map { .double(($0 * 100).rounded(.up) / 100) })
    }

    /// Processors and bytes of memory, for those who judge its load; of the control group where it has less. What the
    /// system does not say is missing.
    static var size: CeleryMap {
        var size: CeleryMap = ["processors": .int(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))]
        guard var total = memory("MemTotal:"), var available = memory("MemAvailable:") else { return size }
        // Linux' cgroup-v2.rst: what files have in the cache can be taken away, and counts as used all the same.
        if let limit = number("/sys/fs/cgroup/memory.max"), limit > 0, limit < total,
            let used = number("/sys/fs/cgroup/memory.current")
        {
            total = limit
            available = min(available, max(0, limit - max(0, used - fileCache)))
        }
        size["memory_total"] = .int(total)
        size["memory_available"] = .int(available)
        return size
    }

    /// Bytes; the file has KiB (proc(5)).
    private static func memory(_ name: String) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 &* 1024 }
    }

    private static var fileCache: Int {
        guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.stat", encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("inactive_file ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    private static func number(_ path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Int(text.prefix { !$0.isWhitespace })
    }
}
