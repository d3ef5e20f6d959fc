import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization
import Testing

@testable import CeleryWorker

@Suite struct EventSinkTests {
    private func sink(isForced: Bool = true) -> EventSink {
        EventSink(
            format: EventFormat(hostname: "w@h", utcoffset: -2, pid: 1),
            clock: LamportClock(),
            waker: Waker(),
            isForced: isForced
        )
    }

    private func events(_ batch: EventSink.Batch) throws -> [CeleryMap] {
        let isList = batch.routingKey == EventMessage.taskMultiKey
        let value = try JSONParser.parse(batch.bytes + (isList ? Array("]".utf8) : []))
        return isList ? (value.arrayValue ?? []).compactMap(\.mapValue) : [value.mapValue ?? [:]]
    }

    @Test func eventsTravelInLists() throws {
        let sink = sink()
        for index in 0..<1201 { sink.add("\(index)", .started) }
        let (batches, dropped) = sink.take()
        #expect(batches.map(\.count) == [500, 500, 201])
        #expect(dropped == 0)
        let all = try batches.flatMap(events)
        #expect(all.map { $0["uuid"]?.stringValue } == (0..<1201).map { "\($0)" })
        #expect(all.map { $0["clock"]?.intValue } == (1...1201).map { $0 })
        #expect(sink.take().batches.isEmpty)
    }

    @Test func eventsOfOtherTypesTravelAlone() throws {
        let sink = sink(isForced: false)
        sink.add("a", .started)
        sink.add("task-progress", ["uuid": "a", "done": 3])
        let batches = sink.take().batches
        #expect(batches.map(\.routingKey) == ["task.progress"])
        #expect(try events(batches[0])[0]["done"] == 3)
        #expect(try events(batches[0])[0]["utcoffset"] == -2.0)
    }

    @Test func theirOrderIsKept() throws {
        let sink = sink()
        sink.add("a", .started)
        sink.add("task-progress", ["uuid": "a"])
        sink.add("a", .cancelled)
        let types = try sink.take().batches.flatMap(events).map { $0["type"]?.stringValue }
        #expect(types == ["task-started", "task-progress", "task-cancelled"])
    }

    /// Tasks go on while nobody takes the events; what does not fit is counted.
    @Test func whatDoesNotFitIsCounted() {
        let sink = sink()
        for _ in 0..<20_100 { sink.add("a", .started) }
        #expect(sink.take().dropped == 100)
        #expect(sink.droppedCount.load(ordering: .relaxed) == 100)
        sink.add("a", .started)
        #expect(sink.take().batches.map(\.count) == [1])
    }

    @Test func largeEventsAreBoundedBySize() {
        let sink = sink()
        let text = String(repeating: "x", count: 1 << 20)
        for _ in 0..<100 { sink.add("a", .failed(exception: "", traceback: text)) }
        let (batches, dropped) = sink.take()
        #expect(batches.reduce(0) { $0 + $1.bytes.count } <= 34 << 20)
        #expect(batches.allSatisfy { $0.bytes.count <= 3 << 20 })
        #expect(dropped == 100 - batches.reduce(0) { $0 + $1.count })
        #expect(dropped > 60)
    }

    @Test func whatCouldNotBeSentComesFirst() throws {
        let sink = sink()
        sink.add("a", .started)
        let batches = sink.take().batches
        sink.add("b", .started)
        sink.putBack(batches[...])
        #expect(try sink.take().batches.flatMap(events).map { $0["uuid"] } == ["a", "b"])
    }

    @Test func nothingIsBuiltWhileEventsAreOff() {
        let sink = sink(isForced: false)
        let built = Mutex(0)
        func event() -> TaskEvent {
            built.withLock { $0 += 1 }
            return .started
        }
        sink.add("a", event())
        #expect(built.withLock { $0 } == 0)
        #expect(sink.take().batches.isEmpty)
        #expect(sink.enable())
        sink.add("a", event())
        #expect(built.withLock { $0 } == 1)
    }

    @Test func manyThreadsMakeOneOrder() async throws {
        let sink = sink()
        await withTaskGroup { group in
            for name in ["a", "b", "c", "d"] {
                group.addTask { for _ in 0..<2000 { sink.add(name, .started) } }
            }
        }
        let clocks = try sink.take().batches.flatMap(events).compactMap { $0["clock"]?.intValue }
        #expect(clocks == Array(1...8000))
    }
}
