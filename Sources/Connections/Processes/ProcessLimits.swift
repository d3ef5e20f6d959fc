import CProcess
import Synchronization

/// What a new process, and each that comes of it, may use at most; nil for no limit.
package struct ProcessLimits: Sendable, Hashable {
    /// Bytes of address space (`RLIMIT_AS`): allocations beyond it fail.
    package var memory: Int?
    /// CPU time, in whole seconds, at least one (`RLIMIT_CPU`): SIGXCPU when it is used up, SIGKILL two seconds later.
    package var cpuTime: Duration?
    /// How many processors it may run on; they are chosen in turn.
    package var cpus: Int?

    package init(memory: Int? = nil, cpuTime: Duration? = nil, cpus: Int? = nil) {
        self.memory = memory
        self.cpuTime = cpuTime
        self.cpus = cpus
    }

    /// The start of the next choice of processors, so that processes spread over them.
    private static let next = Atomic<Int>(0)

    var cpuSeconds: UInt64 { cpuTime.map { UInt64(max(1, $0.components.seconds)) } ?? 0 }

    /// A bit for each chosen processor; empty when all are allowed.
    func chosenCPUs() -> [UInt] {
        guard let cpus, cpus > 0 else { return [] }
        let allowed = Self.allowedCPUs()
        guard cpus < allowed.count else { return [] }
        let start = Self.next.wrappingAdd(cpus, ordering: .relaxed).oldValue
        let bits = UInt.bitWidth
        var words = [UInt](repeating: 0, count: (allowed.max() ?? 0) / bits + 1)
        for offset in 0..<cpus {
            let cpu = allowed[Int((UInt(bitPattern: start) &+ UInt(offset)) % UInt(allowed.count))]
            words[cpu / bits] |= 1 << (cpu % bits)
        }
        return words
    }

    /// The numbers of the processors that this process may run on.
    package static func allowedCPUs() -> [Int] {
        var words = [UInt](repeating: 0, count: 64)
        let bytes = chard_cpus(&words, Int32(words.count * MemoryLayout<UInt>.size))
        guard bytes > 0 else { return [] }
        return (0..<bytes * 8).filter { words[$0 / UInt.bitWidth] & (1 << ($0 % UInt.bitWidth)) != 0 }
    }
}
