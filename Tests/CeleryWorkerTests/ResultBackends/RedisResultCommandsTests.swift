import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// The commands that store a state.
struct RedisResultCommandsTests {
    private func words(_ bytes: [UInt8]) -> [[String]] {
        RESPReader.commands(in: bytes).map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func keysCarryThePrefixAsCeleryWritesIt() {
        func key(_ prefix: String) -> String { RedisResultCommands(keyPrefix: prefix, expires: nil).key(of: "i") }
        #expect(key("") == "celery-task-meta-i")
        #expect(key("app") == "app_celery-task-meta-i")
        for separated in ["app:", "app_", "app-", "app."] {
            #expect(key(separated) == "\(separated)celery-task-meta-i")
        }
    }

    @Test func aStateThatIsKeptForEverHasNoExpiry() {
        var bytes: [UInt8] = []
        let commands = RedisResultCommands(keyPrefix: "", expires: nil)
        #expect(commands.store(Array("{}".utf8), id: "i", isFirst: true, into: &bytes) == 2)
        #expect(words(bytes).first == ["SET", "celery-task-meta-i", "{}", "NX"])
        #expect(RedisResultCommands(keyPrefix: "", expires: .milliseconds(3)).expiry == 1)
    }

    @Test func aBatchThatMetSomethingIsStoredByTheScript() throws {
        let commands = RedisResultCommands(keyPrefix: "p:", expires: .seconds(9))
        var bytes: [UInt8] = []
        _ = commands.store(Array("one".utf8), id: "1", isFirst: true, into: &bytes)
        _ = commands.store(Array("two\r\n$3".utf8), id: "2", isFirst: false, into: &bytes)
        _ = commands.store(Array("three".utf8), id: "3", isFirst: true, into: &bytes)
        let guarded = try #require(commands.guarded(bytes))
        let script = RedisResultCommands.storeScript.sha1
        #expect(guarded.replies == 3)
        #expect(
            words(guarded.commands) == [
                ["EVALSHA", script, "1", "p:celery-task-meta-1", "one", "9"],
                ["EVALSHA", script, "1", "p:celery-task-meta-2", "two\r\n$3", "9"],
                ["EVALSHA", script, "1", "p:celery-task-meta-3", "three", "9"],
            ]
        )
        #expect(commands.guarded(guarded.commands) == nil)
        #expect(commands.guarded([]) == nil)
    }
}
