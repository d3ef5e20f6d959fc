import CeleryWorker
import Foundation

/// Measures the machine, and says when a number is bad.
enum SystemHealth {
    /// Less free space or memory than this share is bad.
    private static let leastFree = 0.05
    /// A higher load per core over the last minute is bad.
    private static let mostLoadPerCore = 4.0

    /// The file system of the working directory.
    static func disk() throws -> CeleryValue {
        let attributes = try FileManager.default.attributesOfFileSystem(
            forPath: FileManager.default.currentDirectoryPath
        )
        guard let total = (attributes[.systemSize] as? NSNumber)?.intValue, total > 0,
            let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue
        else { throw Unknown(what: "the size of the file system") }
        return try room("disk", free: free, total: total)
    }

    /// What the kernel says programs can still get (`MemAvailable` of /proc/meminfo, proc(5)).
    static func memory() throws -> CeleryValue {
        let text = try read("/proc/meminfo")
        func bytes(_ name: String) throws -> Int { try field(name, of: text) * 1024 }
        return try room("memory", free: bytes("MemAvailable"), total: bytes("MemTotal"))
    }

    /// Tasks that run or wait for a core, on average over 1, 5 and 15 minutes (/proc/loadavg, proc(5)).
    static func load() throws -> CeleryValue {
        let numbers = try read("/proc/loadavg").split(separator: " ").prefix(3).compactMap { Double($0) }
        guard numbers.count == 3 else { throw Unknown(what: "/proc/loadavg") }
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let measured: CeleryValue = [
            "1m": .double(numbers[0]), "5m": .double(numbers[1]), "15m": .double(numbers[2]), "cores": .int(cores),
        ]
        guard numbers[0] / Double(cores) <= mostLoadPerCore else {
            let reason = "the load of the last minute, \(numbers[0]), is high for \(cores) cores"
            throw HealthProbe.Unhealthy(reason: reason, measured: measured)
        }
        return measured
    }

    private static func room(_ what: String, free: Int, total: Int) throws -> CeleryValue {
        let share = Double(free) / Double(max(1, total))
        let percent = (share * 1000).rounded() / 10
        let measured: CeleryValue = [
            "free_bytes": .int(free), "total_bytes": .int(total), "free_percent": .double(percent),
        ]
        guard share >= leastFree else {
            throw HealthProbe.Unhealthy(reason: "only \(percent) % of the \(what) is free", measured: measured)
        }
        return measured
    }

    /// The first number of the line `name: …` of a file of /proc.
    static func field(_ name: String, of text: String) throws -> Int {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        guard let number = line?.split(whereSeparator: { !$0.isNumber }).first, let value = Int(number) else {
            throw Unknown(what: "\(name) in /proc")
        }
        return value
    }

    static func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    struct Unknown: Error, CustomStringConvertible {
        var what: String
        var description: String { "can't read \(what)" }
    }
}
