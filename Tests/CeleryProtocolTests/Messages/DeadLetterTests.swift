import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct DeadLetterTests {
    private func letter(_ properties: [UInt8], _ body: [UInt8], _ headers: CeleryMap) throws -> TaskPublication {
        try TaskPublication.deadLetter(
            properties: 0..<properties.count,
            body: properties.count..<properties.count + body.count,
            in: properties + body,
            routingKey: "q.dead",
            headers: headers
        )
    }

    @Test(arguments: MessageFixture.messages)
    func keepsTheMessage(_ fixture: MessageFixture) throws {
        let dead = try letter(fixture.properties, fixture.body, ["x-chard-reason": "invalid", "x-chard-n": 3])
        #expect(dead.body == fixture.body)
        var properties = try BasicProperties(decoding: dead.properties)
        var original = try BasicProperties(decoding: fixture.properties)
        #expect(properties.headers?.removeValue(forKey: "x-chard-reason") == "invalid")
        #expect(properties.headers?.removeValue(forKey: "x-chard-n") == 3)
        let expiration = properties.headers?.removeValue(forKey: "x-chard-expiration")?.stringValue
        #expect(expiration == original.expiration)
        original.expiration = nil
        original.headers = original.headers ?? [:]
        #expect(properties == original)
    }

    @Test func addsToBytesAsTheyAre() throws {
        let fixture = try MessageFixture.named("every AMQP type")
        let dead = try letter(fixture.properties, fixture.body, ["x": "y"])
        let raw = Array(fixture.properties)
        // Flags, two short texts, then the table's length: what stands before and behind it is the same.
        let start = 2 + 1 + Int(raw[2]) + 1 + 5
        #expect(dead.properties[0..<start] == raw[0..<start])
        let added: [UInt8] = [1, UInt8(ascii: "x"), UInt8(ascii: "S"), 0, 0, 0, 1, UInt8(ascii: "y")]
        #expect(dead.properties.count == raw.count + added.count)
        #expect(dead.properties.contains(added))
    }

    @Test func takesOutWhatWouldHarm() throws {
        var properties = BasicProperties()
        properties.headers = ["CC": ["other"], "BCC": ["more"], "x-chard-reason": "old", "keep": 1]
        properties.expiration = "5000"
        properties.userID = "guest"
        properties.appID = "app"
        let dead = try BasicProperties(
            decoding: letter(properties.encoded(), [1], ["x-chard-reason": "new"]).properties
        )
        #expect(dead.expiration == nil)
        #expect(dead.userID == nil)
        #expect(dead.appID == "app")
        let expected: CeleryMap = [
            "keep": 1, "x-chard-reason": "new", "x-chard-expiration": "5000", "x-chard-user-id": "guest",
            "x-chard-cc": ["other"], "x-chard-bcc": ["more"],
        ]
        #expect(dead.headers.map { Set($0.keys) } == Set(expected.keys))
        #expect(dead.headers?.allSatisfy { expected[$0.key] == $0.value } == true)
    }

    /// Whatever bytes came, they are kept, and the letter is well formed.
    @Test func worksOnAnyProperties() throws {
        let fixture = try MessageFixture.named("headers")
        for length in 0..<fixture.properties.count {
            let cut = Array(fixture.properties.prefix(length))
            let dead = try BasicProperties(decoding: letter(cut, [1, 2], ["x-chard-reason": "undecodable"]).properties)
            #expect(dead.headers?["x-chard-reason"] == "undecodable")
            switch dead.headers?["x-chard-properties"] {
            case .bytes(let bytes): #expect(bytes == cut)
            case .string(let text): #expect(Array(text.utf8) == cut)
            default: Issue.record("the properties are lost")
            }
        }
    }

    @Test func worksOnBrokenTables() throws {
        var properties = BasicProperties()
        properties.contentType = "application/json"
        properties.headers = ["task": "t"]
        var bytes = try properties.encoded()
        let letterOfType = try #require(bytes.lastIndex(of: UInt8(ascii: "S")))
        bytes[letterOfType] = 0x07
        let dead = try BasicProperties(decoding: letter(bytes, [], ["r": 1]).properties)
        #expect(dead.contentType == "application/json")
        #expect(dead.headers?["r"] == 1)
        #expect(dead.headers?["x-chard-headers"] != nil)
    }
}
