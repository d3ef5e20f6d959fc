import Connections
import Foundation
import Testing

@testable import TenantStore

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    /// Each writer is a node with a connection of its own.
    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func writersMergeWithoutConflict() async throws {
        let name = try MetricName(service: StateUnderTest.name(), metric: "hits")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    try await StateUnderTest.store(node: "node\(writer)") {
                        $0.metricsInterval = .milliseconds(1)
                    } _: { store async throws in
                        let counter = store.metrics.counter(name)
                        for step in 0..<10_000 {
                            counter.increment(by: step % 10 == 9 ? -1 : 2)
                            if step % 100 == 0 { await Task.yield() }
                        }
                        if writer < 4 { try await store.metrics.flush() }
                        if writer < 4 {
                            #expect(try await store.metrics.read(name).nodes["node\(writer)"] == 17_000)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await StateUnderTest.store { store async throws in
            let reading = try await store.metrics.read(name)
            #expect(reading.total == 8 * 17_000)
            #expect(reading.nodes == ["retired": 8 * 17_000])
        }
    }

    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func tasksOfOneProcessShareACounter() async throws {
        try await StateUnderTest.store { store async throws in
            let name = try MetricName(service: StateUnderTest.name(), metric: "hits")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<10_000 { store.metrics.counter(name).increment() }
                    }
                }
            }
            try await store.metrics.flush()
            #expect(try await store.metrics.read(name).total == 80_000)
        }
    }

    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func aLateAttemptChangesNothing() async throws {
        try await StateUnderTest.client { client async throws in
            let key = "metrics:\(StateUnderTest.name()):x"
            for total in ["9", "10", "2", "10"] {
                _ = try await client.evaluate(MetricScripts.merge, keys: [key], arguments: ["a#1:p", total, "{}"])
            }
            #expect(try await client.send(RedisCommand("HGET", key: key, "a#1:p")).text == "10")
            for _ in 0..<2 {
                _ = try await client.evaluate(MetricScripts.retire, keys: [key], arguments: ["a#1", ":p", ":n"])
            }
            let reading = try MetricReading(try await client.send(RedisCommand("HGETALL", key: key)), key: key)
            #expect(reading.nodes == ["retired": 10])
        }
    }

    /// A server that is killed and comes back empty gets the whole totals again, not just what is new.
    @Test(.enabled(if: RedisServerProcess.isInstalled, RedisServerProcess.reason))
    func aServerThatForgotEverythingGetsItAgain() async throws {
        try await RedisServerProcess.run { server async throws in
            try await StateUnderTest.store(server.url) {
                $0.metricsInterval = .milliseconds(20)
            } _: { store async throws in
                let name = try MetricName(service: "inference", metric: "hits")
                let quiet = try MetricName(service: "inference", metric: "quiet")
                store.metrics.counter(quiet).increment(by: 7)
                store.metrics.counter(name).increment(by: 1_000)
                try await store.metrics.flush()
                server.kill()
                store.metrics.counter(name).increment(by: 234)
                try server.start()
                try await eventually { try await store.metrics.read(name).total == 1_234 }
                try await eventually { try await store.metrics.read(quiet).total == 7 }
            }
        }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            if (try? await condition()) == true { return }
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
