import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct BasicPropertiesTests {
    @Test func roundTrip() throws {
        var properties = BasicProperties()
        #expect(try properties.encoded() == [0, 0])
        properties.contentType = "a"
        properties.contentEncoding = "b"
        properties.headers = ["h": 1]
        properties.deliveryMode = 2
        properties.priority = 9
        properties.correlationID = "c"
        properties.replyTo = ""
        properties.expiration = "100"
        properties.messageID = "m"
        properties.timestamp = 1_767_323_045
        properties.type = "t"
        properties.userID = "u"
        properties.appID = "app"
        properties.clusterID = "cl"
        let bytes = try properties.encoded()
        #expect(try BasicProperties(decoding: bytes) == properties)
        #expect(bytes[0..<2] == [0xff, 0xfc])
        for length in 0..<bytes.count {
            #expect(throws: AMQPFormatError.self) { try BasicProperties(decoding: bytes, range: 0..<length) }
        }
    }

    @Test(arguments: MessageFixture.messages)
    func writesPropertiesAsPyAMQP(_ fixture: MessageFixture) throws {
        guard fixture.name != "every AMQP type" else { return }
        #expect(try BasicProperties(decoding: fixture.properties).encoded() == fixture.properties)
    }

    @Test func refusesMoreFlagsThanThereAre() {
        #expect(throws: AMQPFormatError.self) { try BasicProperties(decoding: [0, 1, 0, 0]) }
    }
}
