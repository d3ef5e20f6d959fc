import Connections
import Testing

@testable import CeleryMonitor

/// What the gatherer remembers of Redis between two looks.
@Suite struct AlertMemoryTests {
    @Test func replicaThatStopsFallsBehindAlsoWhenItsMasterForgetsIt() {
        var memory = ReplicaMemory()
        let present = "role:master\r\nconnected_slaves:1\r\nslave0:ip=10.0.0.7,port=6379,state=online,offset=10,lag=1\r\n"
        #expect(memory.update(present, now: 100) == [.init(address: "10.0.0.7:6379", lag: 1)])
        #expect(memory.update("role:master\r\nconnected_slaves:0\r\n", now: 160).map(\.lag) == [61])
        #expect(memory.update("role:master\r\n", now: 160).map(\.isGone) == [true])
        #expect(memory.update(present, now: 200).map(\.isGone) == [false])
        #expect(memory.update("", now: 200 + ReplicaMemory.memory + 1).isEmpty)
    }

    @Test(arguments: ["slave0", "slave0:", "slave0:ip=1", "slave0:ip=1,port=2,lag=nan", "slave0:=,=", "slave:a:b"])
    func oddAnswersDoNotTrap(text: String) {
        var memory = ReplicaMemory()
        #expect(memory.update(text, now: 1).allSatisfy { $0.lag >= 0 })
    }

    @Test func cacheCountsOverItsWindow() {
        var memory = CacheMemory()
        #expect(memory.update(requests: 0, hits: 0, now: 0, window: 100) == nil)
        #expect(memory.update(requests: 10, hits: 10, now: 0, window: 100) == .init(requests: 0, hits: 0))
        #expect(memory.update(requests: 30, hits: 15, now: 50, window: 100) == .init(requests: 20, hits: 5))
        #expect(memory.update(requests: 40, hits: 15, now: 160, window: 100) == .init(requests: 10, hits: 0))
        // Redis has lost its data.
        #expect(memory.update(requests: 1, hits: 0, now: 170, window: 100) == .init(requests: 0, hits: 0))
    }

    @Test func totalsOfAMetric() {
        func bulk(_ texts: String...) -> RedisValue { .array(texts.map { .string(Array($0.utf8)) }) }
        #expect(CacheMemory.total(bulk("a#1:p", "5", "b#1:p", "7", "a#1:n", "2")) == 10)
        #expect(CacheMemory.total(.array([])) == 0)
        #expect(CacheMemory.total(bulk("a:p", "many")) == nil)
        #expect(CacheMemory.total(.null) == nil)
    }
}
