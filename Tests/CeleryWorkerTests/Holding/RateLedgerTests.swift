import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Slots and starts of a rate-limited task, times in milliseconds.
struct RateLedgerTests {
    private static let millisecond: Int64 = 1_000_000

    private func slots(_ times: [Int64], interval: Int64) -> [Int64] {
        var ledger = RateLedger(interval: interval * Self.millisecond)
        return times.map { ledger.reserve(now: $0 * Self.millisecond) / Self.millisecond }
    }

    @Test func aBacklogIsSpreadEvenly() {
        #expect(slots([1000, 1000, 1000, 1001], interval: 100) == [1000, 1100, 1200, 1300])
    }

    @Test func idleTimeIsNotSavedUp() {
        #expect(slots([1000, 5000, 5000], interval: 100) == [1000, 5000, 5100])
    }

    @Test func slotsOfOthersDoNotRaiseTheRate() {
        var ledger = RateLedger(interval: 100 * Self.millisecond)
        var starts = 0
        for now in Int64(0)..<10_000 {
            let now = now * Self.millisecond
            if ledger.start(slot: now, now: now) == nil { starts += 1 }
        }
        #expect((100...102).contains(starts))
    }

    @Test func aLateStartDoesNotPushBackTheNext() {
        var ledger = RateLedger(interval: 100 * Self.millisecond)
        func start(slot: Int64, now: Int64) -> Int64? {
            ledger.start(slot: slot * Self.millisecond, now: now * Self.millisecond).map { $0 / Self.millisecond }
        }
        #expect(start(slot: 1000, now: 1015) == nil)
        #expect(start(slot: 1100, now: 1100) == nil)
        #expect(start(slot: 1101, now: 1101) == 1150)
    }

    @Test func whatAStallHeldUpCatchesUpAtDoubleTheRate() {
        var ledger = RateLedger(interval: 100 * Self.millisecond)
        var starts: [Int64] = []
        var slots = Array(stride(from: Int64(0), to: 3000, by: 100))
        for now in Int64(800)..<2600 where !slots.isEmpty && slots[0] <= now {
            if ledger.start(slot: slots[0] * Self.millisecond, now: now * Self.millisecond) == nil {
                starts.append(now)
                slots.removeFirst()
            }
        }
        #expect(starts.prefix(4) == [800, 850, 900, 950])
        #expect(starts.filter { $0 < 2500 }.count == 25, "nothing is lost in the end")
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 50 })
    }

    @Test func theLongestIntervalDoesNotOverflow() {
        var ledger = RateLedger(interval: .max)
        #expect(ledger.reserve(now: 5) == 5)
        #expect(ledger.reserve(now: 5) == .max)
        #expect(ledger.reserve(now: 5) == .max)
    }

    @Test func aReservationTravelsInAHeader() throws {
        let now = MonotonicTime(nanoseconds: 5_000_000_000)
        let reservation = RateReservation(slot: 9_000_000_000, interval: 100_000_000)
        let text = reservation.headerText(now: now, wallClock: 1_700_000_000_000_000)
        #expect(text == "1700000004000000 100000000")
        let elsewhere = MonotonicTime(nanoseconds: 77_000_000_000)
        let read = RateReservation(header: text, now: elsewhere, wallClock: 1_700_000_003_000_000)
        #expect(read == RateReservation(slot: 78_000_000_000, interval: 100_000_000))
    }

    @Test(arguments: ["", "x", "1 2 3", "1700000004000000", "1700000004000000 0", "9223372036854775807 1", "-9e9 1"])
    func aHeaderThatMakesNoSenseIsNone(text: String) {
        #expect(RateReservation(header: text, now: .now, wallClock: 1_700_000_000_000_000) == nil)
    }
}
