import Testing

@testable import Connections

/// Which processors a limited process may run on.
struct ProcessLimitsTests {
    @Test func withoutALimitAllAreAllowed() {
        #expect(ProcessLimits().chosenCPUs().isEmpty)
        #expect(ProcessLimits(cpus: 4096).chosenCPUs().isEmpty)
    }

    @Test func chosenProcessorsAreAllowedOnesInTurn() throws {
        let allowed = ProcessLimits.allowedCPUs()
        try #require(!allowed.isEmpty)
        guard allowed.count > 1 else { return }
        var seen: Set<Int> = []
        for _ in 0..<(8 * allowed.count) {
            let words = ProcessLimits(cpus: 1).chosenCPUs()
            let chosen = (0..<words.count * UInt.bitWidth).filter {
                words[$0 / UInt.bitWidth] & (1 << ($0 % UInt.bitWidth)) != 0
            }
            #expect(chosen.count == 1 && allowed.contains(chosen[0]))
            seen.formUnion(chosen)
        }
        #expect(seen == Set(allowed))
    }

    @Test func cpuTimeIsInWholeSecondsAndAtLeastOne() {
        #expect(ProcessLimits().cpuSeconds == 0)
        #expect(ProcessLimits(cpuTime: .milliseconds(200)).cpuSeconds == 1)
        #expect(ProcessLimits(cpuTime: .seconds(90)).cpuSeconds == 90)
    }
}
