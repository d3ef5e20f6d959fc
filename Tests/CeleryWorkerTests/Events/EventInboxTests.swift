import CeleryProtocol
import Connections
import OrderedCollections
import Testing

@testable import CeleryWorker

@Suite struct EventInboxTests {
    private let inbox = EventInbox(maxEvents: 10, maxBytes: 1000, waker: Waker())

    private func events(_ count: Int) -> [CeleryMap] { Array(repeating: ["type": "x"], count: count) }

    @Test func whatPilesUpIsTakenAtOnce() async {
        inbox.put(.connected(1))
        inbox.put(events(2), bytes: 1, unreadable: 1)
        inbox.put(events(3), bytes: 1, unreadable: 0)
        let batch = await inbox.take()
        #expect(batch?.events.count == 5 && batch?.unreadable == 1 && batch?.notes == [.connected(1)])
    }

    @Test func readingStopsWhenItIsFullAndGoesOnWhenItIsTaken() async {
        inbox.put(events(9), bytes: 1, unreadable: 0)
        #expect(!inbox.isFull)
        inbox.put(events(1), bytes: 1, unreadable: 0)
        #expect(inbox.isFull)
        let batch = await inbox.take()
        #expect(!inbox.isFull && batch?.dropped == 0)
        #expect(batch?.notes.count == 1, "the pause is told")
        inbox.put(events(1), bytes: 1000, unreadable: 0)
        #expect(inbox.isFull, "many bytes are as bad as many events")
    }

    @Test func whatCannotBeKeptIsCounted() async {
        for _ in 0..<5 { inbox.put(events(10), bytes: 1, unreadable: 0) }
        let batch = await inbox.take()
        #expect(batch?.events.count == 20 && batch?.dropped == 30)
    }

    @Test func whoeverWaitsIsWokenByEventsAndByTheEnd() async {
        async let first = inbox.take()
        inbox.put(events(1), bytes: 1, unreadable: 0)
        let batch = await first
        #expect(batch?.events.count == 1)
        let waiting = Task { await inbox.take() }
        waiting.cancel()
        let last = await waiting.value
        #expect(last?.events.count == nil)
        let more = await inbox.take()
        #expect(more?.events.count == nil)
    }
}
