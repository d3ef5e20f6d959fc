import CeleryProtocol
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct EventStreamTests {
    private func event(_ type: String, name: String? = nil, worker: String = "w") -> NamedEvent {
        var event = NamedEvent(event: ["type": .string(type)], type: type, hostname: worker)
        event.name = name
        return event
    }

    @Test func filters() {
        let failed = event("task-failed", name: "shop.pay")
        func takes(_ change: (inout EventFilter) -> Void) -> Bool {
            var filter = EventFilter()
            change(&filter)
            return filter.takes(failed)
        }
        #expect(takes { _ in })
        #expect(takes { $0.types = ["task-*"] } && !takes { $0.types = ["worker-*"] })
        #expect(takes { $0.names = ["x", "shop.*"] } && !takes { $0.names = ["shop"] })
        #expect(takes { $0.states = ["FAILURE"] } && !takes { $0.states = ["SUCCESS"] })
        #expect(takes { $0.workers = ["w"] } && !takes { $0.workers = ["*@x"] })
        #expect(takes { $0.names = ["*a*"] } && takes { $0.names = ["*"] } && !takes { $0.names = ["*z*"] })
        #expect(!EventFilter(names: ["*"]).takes(event("worker-heartbeat")), "it has no name")
    }

    @Test func aSlowReaderIsToldWhatItMissed() async {
        let stream = EventStream(capacity: 3)
        let reader = stream.read(EventFilter())
        stream.send((0..<10).map { event("task-\($0)") })
        #expect(reader?.takeMissed() == 7)
        #expect(reader?.takeMissed() == 0)
        if let reader { stream.stop(reader) }
        var types: [String] = []
        if let reader { for await event in reader.events { types.append(event?.type ?? "") } }
        #expect(types == ["task-0", "task-1", "task-2"])
        #expect(stream.readerCount == 0)
    }

    @Test func readersAreBounded() {
        let stream = EventStream()
        let readers = (0..<EventStream.maxReaders).compactMap { _ in stream.read(EventFilter()) }
        #expect(readers.count == EventStream.maxReaders)
        #expect(stream.read(EventFilter()) == nil)
        for reader in readers { stream.stop(reader) }
        #expect(stream.read(EventFilter()) != nil)
    }

    @Test func longTextsAreCut() async {
        let stream = EventStream()
        let reader = stream.read(EventFilter())
        var long = event("task-received")
        long.event["args"] = .string(String(repeating: "x", count: 1 << 20))
        stream.send([long])
        if let reader { stream.stop(reader) }
        if let reader {
            for await event in reader.events {
                #expect((event?.event["args"]?.stringValue?.utf8.count ?? .max) < EventStream.maxText + 10)
            }
        }
    }

    @Test func tasksAreRememberedInBoundedMemory() {
        var tasks = TasksInFlight(capacity: 10)
        for number in 0..<1000 {
            _ = tasks.named([
                "type": "task-received", "hostname": "w", "uuid": .string("\(number)"), "name": "n",
            ])
        }
        #expect(tasks.count <= 20)
        let newest = tasks.named(["type": "task-started", "hostname": "w", "uuid": "999"])
        #expect(newest?.name == "n")
        let oldest = tasks.named(["type": "task-started", "hostname": "w", "uuid": "0"])
        #expect(oldest?.name == nil)
    }
}
