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
        let memory = text("/proc/meminfo")
        // In KiB (proc(5)).
        guard var total = field("MemTotal:", of: memory).map({ $0 &* 1024 }),
            var available = field("MemAvailable:", of: memory).map({ $0 &* 1024 })
        else { return size }
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

    private static var fileCache: Int { field("inactive_file", of: text("/sys/fs/cgroup/memory.stat")) ?? 0 }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// The number behind the name that begins a line.
    private static func field(_ name: String, of text: String?) -> Int? {
        let lines = (text ?? "").split(separator: "\n").lazy.map { $0.split(separator: " ") }
        return lines.first { $0.first == name[...] }.flatMap { $0.count > 1 ? Int($0[1]) : nil }
    }

    private static func number(_ path: String) -> Int? {
        text(path).flatMap { Int($0.prefix { !$0.isWhitespace }) }
    }
}
