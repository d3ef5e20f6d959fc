import Testing

@testable import Inference

@Suite struct BatchQueueTests {
    private func sent(_ step: BatchQueue<Int>.Step) -> [Int]? {
        if case .send(let items) = step { items } else { nil }
    }

    private func timer(_ step: BatchQueue<Int>.Step) -> Int? {
        if case .startTimer(let round) = step { round } else { nil }
    }

    @Test func theFirstStartsTheTimerAndTheLastSendsAll() {
        var queue = BatchQueue<Int>(maxItems: 3)
        #expect(timer(queue.add(1)) == 0)
        #expect(timer(queue.add(2)) == nil)
        #expect(sent(queue.add(3)) == [1, 2, 3])
        #expect(queue.isEmpty)
    }

    @Test func theTimeSendsWhatIsThere() {
        var queue = BatchQueue<Int>(maxItems: 3)
        _ = queue.add(1)
        _ = queue.add(2)
        #expect(queue.timeIsUp(0) == [1, 2])
        #expect(queue.timeIsUp(0).isEmpty)
    }

    @Test func anOldTimerDoesNotSendTheNextRoundEarly() {
        var queue = BatchQueue<Int>(maxItems: 2)
        _ = queue.add(1)
        _ = queue.add(2)
        #expect(timer(queue.add(3)) == 1)
        #expect(queue.timeIsUp(0).isEmpty)
        #expect(queue.timeIsUp(1) == [3])
    }

    @Test func oneItemAtATimeNeverWaits() {
        var queue = BatchQueue<Int>(maxItems: 1)
        #expect(sent(queue.add(1)) == [1])
        #expect(sent(queue.add(2)) == [2])
    }
}
