import Connections
import Testing

@testable import CeleryMonitor

/// What the gatherer remembers of Redis between two looks.
@Suite struct AlertMemoryTests {
    @Test func replicaThatStopsFallsBehindAlsoWhenItsMasterForgetsIt() {
        var memory = ReplicaMemory()
        let present = "role:master\r\nslave0:ip=10.0.0.7,port=6379,state=online,offset=10,lag=1\r\n"
        let first = memory.update(present, now: 100)
        #expect(first == [.init(address: "10.0.0.7:6379", lag: 1)])
        let gone = memory.update("role:master\r\nconnected_slaves:0\r\n", now: 160)
        #expect(gone == [.init(address: "10.0.0.7:6379", lag: 61, isGone: true)])
        let back = memory.update(present, now: 200)
        #expect(back.map(\.isGone) == [false])
        let forgotten = memory.update("", now: 200 + ReplicaMemory.memory + 1)
        #expect(forgotten.isEmpty)
    }

    @Test(arguments: ["slave0", "slave0:", "slave0:ip=1", "slave0:ip=1,port=2,lag=nan", "slave0:=,=", "slave:a:b"])
    func oddAnswersDoNotTrap(text: String) {
        var memory = ReplicaMemory()
        let found = memory.update(text, now: 1)
        #expect(found.allSatisfy { $0.lag >= 0 })
    }

    @Test func cacheCountsOverItsWindow() {
        var memory = CacheMemory()
        let found = [(0, 0, 0.0), (10, 10, 0), (30, 15, 50), (40, 15, 160), (1, 0, 170)].map {
            memory.update(requests: $0, hits: $1, now: $2, window: 100)
        }
        // Before the first request nobody counts; at the end Redis has lost its data.
        #expect(
            found == [
                nil, .init(requests: 0, hits: 0), .init(requests: 20, hits: 5), .init(requests: 10, hits: 0),
                .init(requests: 0, hits: 0),
            ]
        )
    }

    @Test func totalsOfAMetric() {
        func bulk(_ texts: String...) -> RedisValue { .array(texts.map { .string(Array($0.utf8)) }) }
        #expect(CacheMemory.total(bulk("a#1:p", "5", "b#1:p", "7", "a#1:n", "2")) == 10)
        #expect(CacheMemory.total(.array([])) == 0)
        #expect(CacheMemory.total(bulk("a:p", "many")) == nil)
        #expect(CacheMemory.total(.null) == nil)
    }

    @Test func ageOfAQueuesHead() {
        func sample(_ time: Double, _ ready: Int, _ delivered: Double) -> QueueSample {
            QueueSample(
                queue: "q",
                time: time,
                ready: ready,
                unacknowledged: 0,
                consumers: 1,
                published: 0,
                delivered: delivered
            )
        }
        #expect(QueueAges.atLeast([sample(50, 5, 0), sample(90, 5, 0)], ready: 5, now: 100) == 50)
        #expect(QueueAges.atLeast([sample(50, 5, 0), sample(90, 5, 0)], ready: 0, now: 100) == nil)
        // Ten a second were taken: nobody of then is there any more.
        #expect(QueueAges.atLeast([sample(50, 100, 10), sample(90, 100, 10)], ready: 100, now: 95) == 5)
        #expect(QueueAges.atLeast([sample(50, 0, 0), sample(90, 3, 0)], ready: 3, now: 100) == 10)
        #expect(QueueAges.atLeast([], ready: 3, now: 100) == nil)
    }
}
