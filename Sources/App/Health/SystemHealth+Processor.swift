import CeleryWorker
import Foundation

extension SystemHealth {
    /// How long the processor is watched.
    private static let window = Duration.milliseconds(200)

    /// What share of the cores' time was spent on what, over ``window``, in percent (`/proc/stat`, proc(5)).
    static func cpu() async throws -> CeleryValue {
        let before = try ticks()
        try await Task.sleep(for: window)
        let spent = zip(try ticks(), before).map { max(0, $0 - $1) }
        let total = max(1, spent.reduce(0, +))
        func percent(_ fields: Int...) -> CeleryValue {
            let part = fields.reduce(0) { $0 + spent[$1] }
            return .double((Double(part) / Double(total) * 1000).rounded() / 10)
        }
        return [
            "cores": .int(max(1, ProcessInfo.processInfo.activeProcessorCount)),
            "limit": cpuLimit,
            "busy_percent": percent(0, 1, 2, 5, 6, 7),
            "user_percent": percent(0, 1),
            "system_percent": percent(2, 5, 6),
            "iowait_percent": percent(4),
            "steal_percent": percent(7),
        ]
    }

    /// user, nice, system, idle, iowait, irq, softirq, steal: since the machine started.
    private static func ticks() throws -> [Int] {
        let line = try read("/proc/stat").prefix { $0 != "\n" }
        let numbers = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        guard numbers.count == 8 else { throw Unknown(what: "/proc/stat") }
        return numbers
    }

    /// How many cores the control group may use; null for all (`cpu.max`, Linux's cgroup-v2.rst).
    private static var cpuLimit: CeleryValue {
        let numbers = (try? read("/sys/fs/cgroup/cpu.max"))?.split { $0.isWhitespace }.compactMap { Double($0) }
        guard let numbers, numbers.count == 2, numbers[1] > 0 else { return .null }
        return .double(numbers[0] / numbers[1])
    }
}
