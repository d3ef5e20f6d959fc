import Testing

@testable import Connections

@Suite struct RedisCommandTests {
    private func text(_ command: RedisCommand) -> String { String(decoding: command.bytes, as: UTF8.self) }

    private func key(_ command: RedisCommand) -> String? { command.key.map { String(decoding: $0, as: UTF8.self) } }

    @Test func aCommandIsEncodedWithItsKey() {
        let command = RedisCommand("SET", key: "a:1", "value", "EX", 60)
        #expect(text(command) == "*5\r\n$3\r\nSET\r\n$3\r\na:1\r\n$5\r\nvalue\r\n$2\r\nEX\r\n$2\r\n60\r\n")
        #expect(key(command) == "a:1")
    }

    @Test func aCommandWithoutKeyHasNone() {
        #expect(key(RedisCommand("PING")) == nil)
        #expect(text(RedisCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
    }

    @Test func severalKeysRouteByTheFirst() {
        let command = RedisCommand("MGET", keys: ["a", "b"])
        #expect(key(command) == "a")
        #expect(text(command) == "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n")
    }

    @Test func aScriptCallCountsItsKeys() {
        let script = RedisScript("return 1")
        let command = RedisCommand(evaluate: script, keys: ["k1", "k2"], arguments: [7])
        #expect(script.sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        #expect(
            text(command)
                == "*6\r\n$7\r\nEVALSHA\r\n$40\r\n\(script.sha1)\r\n$1\r\n2\r\n$2\r\nk1\r\n$2\r\nk2\r\n$1\r\n7\r\n"
        )
        #expect(key(command) == "k1")
    }

    /// Digests from RFC 3174 §7.3, and lengths around the padding's edge (computed with sha1sum).
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "x", count: 55), "cef734ba81a024479e09eb5a75b6ddae62e6abf1"),
        (String(repeating: "x", count: 64), "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"),
    ])
    func digestsAreSHA1(message: String, digest: String) {
        #expect(SHA1.hex(of: Array(message.utf8)) == digest)
    }

    @Test(arguments: [
        ("WRONGTYPE Operation against a key", "WRONGTYPE", "Operation against a key"),
        ("ERR unknown command", "ERR", "unknown command"),
        ("Something odd", "ERR", "Something odd"),
        ("BUSY", "BUSY", ""),
        ("", "ERR", ""),
    ])
    func errorLinesAreSplit(line: String, code: String, message: String) {
        #expect(RedisServerError(line: line) == RedisServerError(code: code, message: message))
    }

    @Test func pausesGrowToTheirCeiling() {
        var backoff = Backoff()
        var pauses: [Int64] = []
        for _ in 0..<40 { pauses.append(backoff.next()) }
        #expect((25_000_000...50_000_000).contains(pauses[0]))
        #expect((100_000_000...200_000_000).contains(pauses[2]))
        #expect(pauses.dropFirst(7).allSatisfy { (2_500_000_000...5_000_000_000).contains($0) })
        #expect(Set(pauses.dropFirst(7)).count > 1)
    }

    @Test func aQueueKeepsItsOrder() {
        var queue = FIFO<Int>()
        var next = 0
        for number in 0..<10_000 {
            queue.append(number)
            if number % 3 != 0, let first = queue.popFirst() {
                #expect(first == next)
                next += 1
            }
        }
        #expect(queue.count == 10_000 - next)
        #expect(Array(queue) == Array(next..<10_000))
        #expect(queue.takeAll().first == next)
        #expect(queue.isEmpty && queue.popFirst() == nil)
    }
}
