import Connections
import Testing

@testable import CeleryWorker

/// Which queue's delivery starts next.
struct PriorityDispatchTests {
    private let batch = AMQPDeliveryBatch(bytes: [], deliveries: [])

    private func dispatch(_ lanes: (priority: Int, slots: Int)..., waiting: [Int]) -> PriorityDispatch {
        var dispatch = PriorityDispatch(lanes: lanes.map { ($0.priority, $0.slots) })
        for (lane, count) in waiting.enumerated() {
            for index in 0..<count { dispatch.add(.init(batch: batch, index: index, epoch: 1), lane: lane) }
        }
        return dispatch
    }

    @Test func theHighestPriorityGoesFirst() {
        var dispatch = dispatch((3, 9), (10, 9), (8, 9), waiting: [2, 2, 2])
        let lanes = (0..<6).compactMap { _ in dispatch.next()?.lane }
        #expect(lanes == [1, 1, 2, 2, 0, 0])
        #expect(dispatch.next() == nil)
    }

    @Test func withinAQueueTheOrderIsKept() {
        var dispatch = dispatch((1, 9), waiting: [4])
        #expect((0..<4).compactMap { _ in dispatch.next()?.entry.index } == [0, 1, 2, 3])
    }

    @Test func aFullLaneDoesNotHoldUpTheOthers() {
        var dispatch = dispatch((10, 2), (3, 1), waiting: [5, 5])
        #expect((0..<4).map { _ in dispatch.next()?.lane } == [0, 0, 1, nil])
        dispatch.finished(lane: 0)
        #expect(dispatch.next()?.lane == 0)
        #expect(dispatch.next() == nil)
    }

    @Test func aTotalOfSlotsGoesToTheHighestFirst() {
        var dispatch = PriorityDispatch(lanes: [(3, 5), (10, 5)], totalSlots: 2)
        for index in 0..<3 { dispatch.add(.init(batch: batch, index: index, epoch: 1), lane: 0) }
        #expect(dispatch.next()?.lane == 0)
        for index in 0..<2 { dispatch.add(.init(batch: batch, index: index, epoch: 1), lane: 1) }
        #expect(dispatch.next()?.lane == 1)
        #expect(dispatch.next() == nil)
        dispatch.finished(lane: 0)
        #expect(dispatch.next()?.lane == 1)
    }

    @Test func theLowestIsNeverStarved() {
        var dispatch = dispatch((10, 1000), (3, 1000), waiting: [500, 20])
        let lanes = (0..<200).compactMap { _ in dispatch.next()?.lane }
        let served = lanes.filter { $0 == 1 }.count
        #expect(served >= 200 / (PriorityDispatch.patience + 2))
        #expect(served < 20)
    }

    @Test func takingOutOneLaneLeavesTheOthers() {
        var dispatch = dispatch((10, 5), (3, 5), waiting: [3, 4])
        #expect(dispatch.removeWaiting(lane: 0).count == 3)
        #expect(dispatch.waitingCount == 4)
        #expect(dispatch.removeWaiting(lane: nil).count == 4)
        #expect(!dispatch.hasNext)
    }
}
