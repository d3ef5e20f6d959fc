import Connections
import Testing

@testable import TenantStore

@Suite(.timeLimit(.minutes(1)))
struct StateWatchTests {
    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func aWatcherHearsEveryChangeInOrder() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            let watch = try await store.watch(.session, id)
            var events = watch.events.makeAsyncIterator()
            let made = try await store.sessions.create(id, .text("1"))
            let changed = try await store.sessions.replace(made, with: .text("2"))
            try await store.sessions.delete(id)
            for (change, version) in [
                (StateChange.Kind.created, made.version), (.updated, changed.version), (.deleted, changed.version),
            ] {
                let expected = StateChange(kind: .session, name: id, change: change, version: version)
                #expect(await events.next() == .changed(expected))
            }
            watch.cancel()
            #expect(await events.next() == nil)
        }
    }

    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func oneWatcherHearsAllOfAKind() async throws {
        try await StateUnderTest.store { store async throws in
            let prefix = StateUnderTest.name()
            let watch = try await store.watchAll(.agent)
            try await store.sessions.create(prefix, .text("not an agent"))
            for number in 0..<50 { try await store.agents.put("\(prefix)-\(number)", .text("x")) }
            try await store.agents.put("\(prefix)-0", .text("y"))
            var heard: [String] = []
            for await event in watch.events {
                // Other tests have agents as well.
                guard case .changed(let change) = event, change.name.hasPrefix(prefix) else { continue }
                #expect(change.kind == .agent)
                #expect(change.change == (heard.count < 50 ? .created : .updated))
                heard.append(change.name)
                if heard.count == 51 { break }
            }
            #expect(heard == (0..<50).map { "\(prefix)-\($0)" } + ["\(prefix)-0"])
        }
    }

    @Test(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason))
    func modelsAndMetricsAreAnnounced() async throws {
        try await StateUnderTest.store { store async throws in
            let name = StateUnderTest.name()
            let models = try await store.watch(.model, name)
            let metrics = try await store.watch(.metric, "\(name):hits")
            let info = try await store.models.store(name, .text("w"))
            var modelEvents = models.events.makeAsyncIterator()
            let made = StateChange(kind: .model, name: name, change: .created, version: info.version)
            #expect(await modelEvents.next() == .changed(made))
            try store.metrics.increment(service: name, metric: "hits")
            try await store.metrics.flush()
            var metricEvents = metrics.events.makeAsyncIterator()
            let counted = StateChange(kind: .metric, name: "\(name):hits", change: .counted, version: 0)
            #expect(await metricEvents.next() == .changed(counted))
        }
    }

    /// After a kill of the server a watcher is told that it may have missed something, and hears what comes then.
    @Test(.enabled(if: RedisServerProcess.isInstalled, RedisServerProcess.reason))
    func aWatcherIsToldOfAGap() async throws {
        try await RedisServerProcess.run { server async throws in
            try await StateUnderTest.store(server.url) {
                $0.timeout = .seconds(20)
            } _: { store async throws in
                let one = try await store.watch(.agent, "a")
                let all = try await store.watchAll(.agent)
                server.kill()
                try server.start()
                for watch in [one, all] {
                    var events = watch.events.makeAsyncIterator()
                    #expect(await events.next() == .gap)
                }
                let made = try await store.agents.create("a", .text("x"))
                let change = StateChange(kind: .agent, name: "a", change: .created, version: made.version)
                for watch in [one, all] {
                    var events = watch.events.makeAsyncIterator()
                    #expect(await events.next() == .changed(change))
                }
            }
        }
    }
}
