import CeleryWorker
import Connections
import Foundation

extension SystemHealth {
    /// The process of this worker: memory, threads, open files, the processor time since it began and how long that is
    /// ago (`/proc/self`, proc(5)).
    static func process() throws -> CeleryValue {
        guard let usage = ProcessUsage.current, let resident = ProcessUsage.residentBytes else {
            throw Unknown(what: "what this process uses")
        }
        return [
            "pid": .int(Int(ProcessInfo.processInfo.processIdentifier)),
            "resident_bytes": .int(resident),
            "memory_limit_bytes": memoryLimit,
            "threads": .int(try field("Threads", of: read("/proc/self/status"))),
            "open_files": .int(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count),
            "cpu_seconds": .double(rounded(usage.userTime + usage.systemTime)),
            "uptime_seconds": .double(rounded(try uptime())),
        ]
    }

    /// `(comm)` may hold anything, so fields are counted behind its end; the start is the 22nd, in ticks since boot.
    private static func uptime() throws -> Double {
        let stat = try read("/proc/self/stat")
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        let machine = try read("/proc/uptime").split(separator: " ").first.flatMap { Double($0) }
        guard fields.count > 20, let start = Double(fields[20]), let machine else {
            throw Unknown(what: "when this process began")
        }
        return max(0, machine - start / Double(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }

    /// What the control group may use; null for all there is (`memory.max`, Linux's cgroup-v2.rst).
    private static var memoryLimit: CeleryValue {
        let text = try? read("/sys/fs/cgroup/memory.max")
        return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.map(CeleryValue.int) ?? .null
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
