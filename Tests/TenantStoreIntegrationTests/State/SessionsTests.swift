import Connections
import Foundation
import Testing

@testable import TenantStore

@Suite(.enabled(if: !StateUnderTest.isMissing, StateUnderTest.reason), .timeLimit(.minutes(1)))
struct SessionsTests {
    @Test func aSessionIsMadeReadChangedAndDeleted() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            #expect(try await store.sessions.read(id) == nil)
            let made = try await store.sessions.create(id, .text("{}"))
            #expect(try await store.sessions.read(id) == made)
            let changed = try await store.sessions.replace(made, with: .text(#"{"n": 1}"#))
            #expect(changed.version > made.version)
            #expect(try await store.sessions.read(id)?.data.text == #"{"n": 1}"#)
            #expect(try await store.sessions.delete(id))
            #expect(try await store.sessions.delete(id) == false)
            #expect(try await store.sessions.read(id) == nil)
        }
    }

    @Test func theKeyIsThatOfTheDesign() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            let made = try await store.sessions.create(id, .text("hello"))
            try await StateUnderTest.client { client async throws in
                let stored = try await client.send(RedisCommand("GET", key: "session:\(id):data")).text
                let line = try #require(stored?.split(separator: "\n", maxSplits: 1))
                #expect(line[0].hasPrefix("\(made.version) plain ") && line[1] == "hello")
            }
        }
    }

    @Test func twoOfOneNameCanNotBeMade() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            try await store.sessions.create(id, .text("first"))
            await #expect(throws: StateError.exists(key: "session:\(id):data")) {
                try await store.sessions.create(id, .text("second"))
            }
            #expect(try await store.sessions.read(id)?.data.text == "first")
        }
    }

    @Test func aStaleVersionChangesNothing() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            let key = "session:\(id):data"
            let first = try await store.sessions.create(id, .text("1"))
            let second = try await store.sessions.replace(first, with: .text("2"))
            let conflict = StateError.conflict(key: key, expected: first.version, found: second.version)
            await #expect(throws: conflict) { try await store.sessions.replace(first, with: .text("3")) }
            await #expect(throws: conflict) { try await store.sessions.delete(id, version: first.version) }
            #expect(try await store.sessions.read(id)?.data.text == "2")
            try await store.sessions.delete(id, version: second.version)
            await #expect(throws: StateError.missing(key: key)) {
                try await store.sessions.replace(second, with: .text("4"))
            }
            let again = try await store.sessions.create(id, .text("new"))
            #expect(again.version > second.version)
            await #expect(throws: StateError.self) { try await store.sessions.replace(first, with: .text("5")) }
        }
    }

    @Test func writersAtTheSameTimeLoseNothing() async throws {
        try await StateUnderTest.store { store async throws in
            let id = StateUnderTest.name()
            try await store.sessions.create(id, .text(""))
            let sessions = store.sessions
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for step in 0..<25 {
                            try await sessions.update(id) { $0.data + .text("\(writer).\(step);") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let parts = try #require(await store.sessions.read(id)).data.text.split(separator: ";")
            #expect(parts.count == 200 && Set(parts).count == 200)
            for writer in 0..<8 {
                let own = parts.filter { $0.hasPrefix("\(writer).") }
                #expect(own == (0..<25).map { "\(writer).\($0)" })
            }
        }
    }

    @Test func sessionsExpireAndLiveOnWhenTouched() async throws {
        try await StateUnderTest.store {
            $0.sessionTTL = .seconds(1000)
        } _: { store async throws in
            let (lasting, short) = (StateUnderTest.name("lasting"), StateUnderTest.name("short"))
            let read = try await store.sessions.create(lasting, .text("1"), ttl: .seconds(60))
            #expect(try #require(await store.sessions.timeToLive(lasting)) <= .seconds(60))
            _ = try await store.sessions.read(lasting)
            #expect(try #require(await store.sessions.timeToLive(lasting)) <= .seconds(60))
            _ = try await store.sessions.read(lasting, touching: true)
            #expect(try #require(await store.sessions.timeToLive(lasting)) > .seconds(500))
            try await store.sessions.create(short, .text("1"), ttl: .milliseconds(30))
            let end = ContinuousClock.now + .seconds(10)
            while try await store.sessions.read(short) != nil { try #require(ContinuousClock.now < end) }
            await #expect(throws: StateError.missing(key: "session:\(short):data")) {
                try await store.sessions.update(short) { $0.data }
            }
            _ = try await store.sessions.replace(read, with: .text("2"))
            #expect(try #require(await store.sessions.timeToLive(lasting)) > .seconds(500))
        }
    }

    @Test func sessionsAreCompressedAboveTheBorder() async throws {
        try await StateUnderTest.store {
            $0.compressAbove = 1_000
        } _: { store async throws in
            try await StateUnderTest.client { client async throws in
                for (size, encoding) in [(1_000, "plain"), (1_001, "zstd"), (1_000_000, "zstd")] {
                    let id = StateUnderTest.name()
                    let data = [UInt8](repeating: 120, count: size)
                    try await store.sessions.create(id, data)
                    let length = try await client.send(RedisCommand("STRLEN", key: "session:\(id):data")).integer
                    let head = try await client.send(RedisCommand("GETRANGE", key: "session:\(id):data", 0, 40)).text
                    #expect(try #require(head).contains(" \(encoding) "))
                    #expect((try #require(length) < size) == (encoding == "zstd"))
                    #expect(try await store.sessions.read(id)?.data == data)
                }
            }
        }
    }

    @Test func tooMuchIsRefused() async throws {
        try await StateUnderTest.store {
            $0.maxDocumentBytes = 10
        } _: { store async throws in
            let id = StateUnderTest.name()
            let key = "session:\(id):data"
            await #expect(throws: StateError.tooLarge(key: key, bytes: 11, limit: 10)) {
                try await store.sessions.create(id, [UInt8](repeating: 0, count: 11))
            }
            try await store.sessions.create(id, [UInt8](repeating: 0, count: 10))
        }
    }

    @Test func manyAreMadeInFewRoundTrips() async throws {
        try await StateUnderTest.store { store async throws in
            let prefix = StateUnderTest.name()
            let many = (0..<2_345).map { (name: "\(prefix)-\($0)", data: [UInt8].text("data \($0)")) }
            try await store.sessions.create("\(prefix)-7", .text("was there"))
            try await store.sessions.create("\(prefix)-2000", .text("was there"))
            #expect(
                try await store.sessions.createMany(many + [many[0]]) == [
                    "\(prefix)-7", "\(prefix)-2000", many[0].name,
                ]
            )
            let read = try await store.sessions.readMany(many.map(\.name) + ["\(prefix)-none"])
            #expect(read.count == 2_345)
            #expect(read.map(\.name) == many.map(\.name))
            #expect(read[7].data.text == "was there" && read[8].data.text == "data 8")
            #expect(try await store.sessions.createMany([]).isEmpty)
        }
    }

    @Test func aServerThatForgotTheScriptsIsGivenThem() async throws {
        try await StateUnderTest.store { store async throws in
            try await StateUnderTest.client { client async throws in
                let prefix = StateUnderTest.name()
                try await store.sessions.create("\(prefix)-0", .text("0"))
                _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                let many = (1..<50).map { (name: "\(prefix)-\($0)", data: [UInt8].text("\($0)")) }
                #expect(try await store.sessions.createMany(many).isEmpty)
                _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                try await store.sessions.update("\(prefix)-0") { $0.data + .text("1") }
                #expect(try await store.sessions.readMany((0..<50).map { "\(prefix)-\($0)" }).count == 50)
            }
        }
    }
}
