import Testing

@testable import CeleryWorker

@Suite struct LamportClockTests {
    @Test func itNeverGoesBack() {
        let clock = LamportClock()
        #expect(clock.forward() == 1)
        #expect(clock.adjust(10) == 11)
        #expect(clock.adjust(3) == 12)
        #expect(clock.adjust(-5) == 13)
        #expect(clock.value == 13)
    }

    @Test func itCannotBeMadeToOverflow() {
        let clock = LamportClock()
        #expect(clock.adjust(.max) == 1)
        #expect(clock.forward() == 2)
    }

    @Test func everyTimeIsGivenOnce() async {
        let clock = LamportClock()
        let times = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 { group.addTask { (0..<1000).map { clock.adjust($0) } } }
            return await group.reduce(into: [Int]()) { $0 += $1 }
        }
        #expect(Set(times).count == 4000)
        #expect(clock.value == times.max())
    }
}
