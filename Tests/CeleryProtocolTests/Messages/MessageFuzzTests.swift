import CeleryProtocol
import OrderedCollections
import Testing

/// Broken bytes give a message or an error, quickly, and never a crash.
@Suite struct MessageFuzzTests {
    /// Numbers that are the same in every run (SplitMix64, https://prng.di.unimi.it/splitmix64.c).
    struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    static let small = MessageFixture.messages.filter { $0.body.count < 2000 }

    /// Reads everything there is to read.
    private func use(_ properties: [UInt8], _ body: [UInt8], _ plain: [UInt8]?) {
        guard let message = try? MessageFixture.decode(properties, body, plain: plain) else { return }
        _ = message.customHeaders
        _ = message.properties
        _ = message.argsRepr
        _ = message.stamps
        _ = try? message.body.values()
        _ = try? message.body.embed
        _ = try? message.retryPublication(eta: nil, now: TaskPublicationTests.now)
        _ = try? message.deadLetter(routingKey: "dead", headers: ["x": 1])
    }

    @Test(arguments: small)
    func truncations(_ fixture: MessageFixture) {
        for length in 0..<fixture.properties.count {
            use(Array(fixture.properties.prefix(length)), fixture.body, fixture.plainBody)
        }
        for length in 0..<fixture.body.count {
            use(fixture.properties, Array(fixture.body.prefix(length)), nil)
        }
    }

    @Test(arguments: small)
    func mutations(_ fixture: MessageFixture) {
        var numbers = Numbers(state: UInt64(fixture.properties.count &* 31 &+ fixture.body.count))
        for _ in 0..<60 {
            var properties = fixture.properties
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                properties[Int.random(in: 0..<properties.count, using: &numbers)] = .random(
                    in: 0...255,
                    using: &numbers
                )
            }
            use(properties, fixture.body, fixture.plainBody)
            guard !fixture.body.isEmpty else { continue }
            var body = fixture.body
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                body[Int.random(in: 0..<body.count, using: &numbers)] = .random(in: 0...255, using: &numbers)
            }
            use(fixture.properties, body, nil)
        }
    }

    private func decode(_ type: ContentType, _ body: [UInt8]) throws -> TaskMessage {
        var properties = BasicProperties()
        properties.contentType = type.mime
        properties.headers = ["task": "t", "id": "1"]
        return try MessageFixture.decode(properties.encoded(), body)
    }

    @Test func deepBodies() {
        let json = Array((String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)).utf8)
        let bodies: [(ContentType, [UInt8])] = [
            (.json, json),
            (.json, Array("[[".utf8) + json + Array("], {}, null]".utf8)),
            (.json, Array("[[], {\"a\":".utf8) + json + Array("}, null]".utf8)),
            (.json, Array("[[], {}, {\"chain\":".utf8) + json + Array("}]".utf8)),
            (.msgpack, [UInt8](repeating: 0x91, count: 10_000) + [0xc0]),
            (.yaml, json),
            (.yaml, Array(String(repeating: "- ", count: 10_000).utf8)),
            (.yaml, Array(String(repeating: "? ", count: 10_000).utf8)),
        ]
        for (type, body) in bodies {
            #expect(throws: MessageError.self) { try decode(type, body) }
        }
    }

    /// Counts far beyond the bytes that are there must not make room for them.
    @Test func countsBeyondTheBytes() {
        for type: UInt8 in [0xc6, 0xdb, 0xdd, 0xdf] {
            #expect(throws: MessageError.self) { try decode(.msgpack, [0x93, type, 0xff, 0xff, 0xff, 0xff]) }
        }
    }

    @Test func nestedHeaderTables() throws {
        // Tables in tables, each announcing the rest of the bytes.
        var entry: [UInt8] = [1, UInt8(ascii: "a"), UInt8(ascii: "V")]
        for _ in 0..<5000 {
            let count = entry.count
            let length: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
            entry = [1, UInt8(ascii: "a"), UInt8(ascii: "F")] + length + entry
        }
        let count = entry.count
        let length: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        let properties = [0x20, 0x00] + length + entry
        let error = try #require(throws: MessageError.self) { try MessageFixture.decode(properties, []) }
        #expect(error.kind == .undecodable)
    }

    @Test func rangesOutsideTheBytes() {
        let info = DeliveryInfo(exchange: "", routingKey: "")
        #expect(throws: MessageError.self) {
            try TaskMessage.decode(properties: 0..<10, body: 0..<0, in: [1], deliveryInfo: info)
        }
        #expect(throws: MessageError.self) {
            try TaskMessage.decode(properties: 0..<0, body: 0..<10, in: [1], deliveryInfo: info)
        }
    }
}
