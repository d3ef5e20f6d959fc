import Testing

@testable import Inference

@Suite struct InstanceChoiceTests {
    private func candidate(
        _ number: Int,
        _ outstanding: Int,
        _ isHealthy: Bool? = true,
        _ admission: CircuitBreaker.Admission = .allowed
    ) -> InstanceChoice.Candidate {
        InstanceChoice.Candidate(
            number: number,
            outstanding: outstanding,
            isHealthy: isHealthy,
            admission: admission
        )
    }

    @Test func takesTheLeastBusy() {
        for turn in 0..<6 {
            let choice = InstanceChoice.among([candidate(0, 3), candidate(1, 1), candidate(2, 2)], turn: turn)
            #expect(choice == .use(1))
        }
    }

    @Test func takesEquallyBusyOnesInTurn() {
        let candidates = (0..<3).map { candidate($0, 5) }
        let choices = (0..<6).map { InstanceChoice.among(candidates, turn: $0) }
        #expect(choices == [.use(0), .use(1), .use(2), .use(0), .use(1), .use(2)])
    }

    @Test func anUncheckedOneIsAsGoodAsAHealthyOne() {
        #expect(InstanceChoice.among([candidate(0, 1), candidate(1, 0, nil)], turn: 0) == .use(1))
    }

    @Test func unhealthyOnesComeLastButComeWhenThereIsNoOther() {
        #expect(InstanceChoice.among([candidate(0, 9), candidate(1, 0, false)], turn: 0) == .use(0))
        #expect(InstanceChoice.among([candidate(1, 0, false)], turn: 0) == .use(1))
    }

    @Test func openBreakersAreLeftOut() {
        let open = candidate(0, 0, true, .refused(until: 5))
        #expect(InstanceChoice.among([open, candidate(1, 9)], turn: 0) == .use(1))
        #expect(InstanceChoice.among([open], turn: 0) == .nobody)
        #expect(InstanceChoice.among([], turn: 0) == .nobody)
    }

    @Test func aDueProbeGoesFirst() {
        let due = candidate(1, 4, true, .probe)
        #expect(InstanceChoice.among([candidate(0, 0), due], turn: 0) == .probe(1))
    }

    @Test func aProbeOfAnUnhealthyOneWaitsUnlessThereIsNoOther() {
        let due = candidate(1, 0, false, .probe)
        #expect(InstanceChoice.among([candidate(0, 7), due], turn: 0) == .use(0))
        #expect(InstanceChoice.among([due, candidate(0, 0, true, .refused(until: 9))], turn: 0) == .probe(1))
    }
}
