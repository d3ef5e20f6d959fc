import CeleryProtocol
import Connections
import OrderedCollections
import Testing

@testable import CeleryWorker

@Suite struct ElectionsTests {
    private let start = MonotonicTime(nanoseconds: 0)
    private var later: MonotonicTime { start.advanced(by: .seconds(2)) }

    private func candidate(_ clock: Int, _ hostname: String) -> Elections.Candidate {
        let event: CeleryMap = [
            "clock": .int(clock), "hostname": .string(hostname), "pid": 1, "topic": "task", "action": "act",
        ]
        guard let candidate = Elections.Candidate(event) else { fatalError("complete") }
        return candidate
    }

    @Test func theLowestClockWinsAndThenTheName() {
        var elections = Elections()
        elections.add(candidate(7, "c"), to: "e", at: start)
        elections.begin("e", at: start)
        elections.add(candidate(5, "b"), to: "e", at: start)
        elections.add(candidate(5, "a"), to: "e", at: start)
        #expect(elections.results(at: start).isEmpty)
        #expect(elections.nextEnd == start.advanced(by: .seconds(1)))
        let results = elections.results(at: later)
        #expect(results.map(\.id) == ["e"])
        #expect(results.first?.winner.name == "a.1")
        #expect(results.first?.winner.action == "act")
        #expect(elections.results(at: later).isEmpty)
    }

    @Test func othersElectionsAreForgotten() {
        var elections = Elections()
        elections.add(candidate(5, "b"), to: "e", at: start)
        #expect(elections.results(at: start.advanced(by: .seconds(100))).isEmpty)
        #expect(elections.nextEnd == .distantFuture)
    }

    @Test func noMoreThanSoMany() {
        var elections = Elections()
        for index in 0..<5000 { elections.begin("\(index)", at: start) }
        elections.add(candidate(1, "a"), to: "4999", at: start)
        #expect(elections.results(at: later).isEmpty)
    }

    @Test func incompleteCandidatesAreNone() {
        #expect(Elections.Candidate(["clock": 1, "hostname": "w", "topic": "task"]) == nil)
    }
}
