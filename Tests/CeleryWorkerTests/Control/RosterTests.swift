import Connections
import Testing

@testable import CeleryWorker

struct RosterTests {
    private let roster = Roster()
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    private func time(_ seconds: Double) -> MonotonicTime { start.advanced(by: .seconds(seconds)) }

    private func members() -> [String: Bool] {
        Dictionary(uniqueKeysWithValues: roster.members.map { ($0.node, $0.isLost) })
    }

    @Test func whoMissesTwoHeartbeatsIsLostUntilHeardAgain() {
        #expect(roster.heard("a", interval: 2, at: start))
        #expect(roster.heard("b", interval: 60, at: start))
        #expect(!roster.heard("a", interval: 2, at: time(1)))
        #expect(roster.newlyLost(at: time(4.9)) == [])
        #expect(roster.newlyLost(at: time(5.1)) == ["a"])
        #expect(roster.newlyLost(at: time(5.2)) == [])
        #expect(members() == ["a": true, "b": false])
        #expect(roster.heard("a", interval: 2, at: time(6)))
        #expect(members() == ["a": false, "b": false])
    }

    @Test func whoSaysGoodByeIsForgotten() {
        _ = roster.heard("a", interval: 2, at: start)
        #expect(roster.left("a"))
        #expect(!roster.left("a"))
        #expect(roster.newlyLost(at: time(100)) == [])
        #expect(members().isEmpty)
    }

    @Test func theLostAreForgottenAfterAnHour() {
        _ = roster.heard("a", interval: 2, at: start)
        #expect(roster.newlyLost(at: time(10)) == ["a"])
        _ = roster.newlyLost(at: time(3_590))
        #expect(members() == ["a": true])
        _ = roster.newlyLost(at: time(3_610))
        #expect(members().isEmpty)
    }

    @Test(arguments: [-5, 0, .nan, .infinity, 1e300])
    func nonsenseIntervalsDoNoHarm(_ interval: Double) {
        _ = roster.heard("a", interval: interval, at: start)
        #expect(members() == ["a": false])
        _ = roster.newlyLost(at: time(3_600 * 48 + 1))
        #expect(members()["a"] != false)
    }

    @Test func theirNumberIsBounded() {
        for number in 0..<10_001 { _ = roster.heard("n\(number)", interval: 2, at: start) }
        #expect(roster.members.count == 10_000)
        #expect(!roster.heard("n0", interval: 2, at: start))
    }
}
