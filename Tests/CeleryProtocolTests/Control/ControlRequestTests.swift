import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct ControlRequestTests {
    private func decode(_ message: ControlFixture.Message) throws -> ControlRequest {
        let bytes = message.bytes
        return try ControlRequest(properties: bytes.properties, body: bytes.body, in: bytes.all, accept: .json)
    }

    private func decode(_ body: String, type: String = "application/json") throws -> ControlRequest {
        var properties = BasicProperties()
        properties.contentType = type
        let head = try properties.encoded()
        let bytes = head + Array(body.utf8)
        return try ControlRequest(
            properties: 0..<head.count,
            body: head.count..<bytes.count,
            in: bytes,
            accept: .json
        )
    }

    @Test func readsAndWritesWhatCeleryWrites() throws {
        for message in ControlFixture.shared.requests {
            let request = try decode(message)
            #expect(String(decoding: request.body, as: UTF8.self) == message.body)
            var expected = try BasicProperties(decoding: message.propertyBytes)
            let expires = expected.headers?.removeValue(forKey: "expires")?.doubleValue ?? 0
            var own = try BasicProperties(decoding: request.properties(expires: expires))
            #expect(own.headers?.removeValue(forKey: "expires")?.doubleValue == expires)
            // Python's client has no clock yet.
            expected.headers?["clock"] = .int(request.clock)
            #expect(own == expected)
        }
        let all = try ControlFixture.shared.requests.map(decode)
        #expect(all.map(\.method) == ["ping", "revoke", "ping", "ping", "clock"])
        #expect(all[1].arguments == ["task_id": "a", "terminate": false])
        #expect(all[2].destination == ["w@h", "x@h"])
        #expect(all[3].pattern == "w*")
        #expect(all[3].matcher == "glob")
        #expect(all[4].ticket == "ticket")
        #expect(all[4].replyTo == .init(exchange: "reply.celery.pidbox", routingKey: "oid-1"))
    }

    @Test func littleIsNeeded() throws {
        #expect(try decode(#"{"method": "ping"}"#) == ControlRequest("ping"))
        #expect(try decode(#"{"method": "ping", "arguments": null, "reply_to": {}}"#) == ControlRequest("ping"))
        #expect(try decode(#"{"method": "ping", "destination": "w@h"}"#).destination == ["w@h"])
    }

    @Test(arguments: [
        "", "{", "null", "[]", "7", "{}", #"{"method": 1}"#, #"{"method": "p", "arguments": 3}"#,
        #"{"method": "p", "reply_to": 1}"#, #"{"method": "p", "reply_to": {"exchange": "e"}}"#,
        #"{"method": "p", "reply_to": {"exchange": "\#(String(repeating: "x", count: 256))", "routing_key": ""}}"#,
    ])
    func refusesWhatIsNoRequest(_ body: String) {
        #expect(throws: ControlMessageError.self) { try decode(body) }
    }

    @Test func refusesWhatIsNotAccepted() {
        let error = #expect(throws: ControlMessageError.self) {
            try decode("x", type: "application/x-python-serialize")
        }
        #expect(
            error?.description
                == "Refusing to deserialize untrusted content of type pickle (application/x-python-serialize)"
        )
    }

    @Test func answersAreThoseOfCelery() throws {
        for message in ControlFixture.shared.replies {
            let bytes = message.bytes
            let replies = try ControlReply.decode(
                properties: bytes.properties,
                body: bytes.body,
                in: bytes.all,
                accept: .json
            )
            let reply = try #require(replies.first)
            #expect(reply.nodename == "w@h")
            #expect(reply.ticket == message.ticket)
            #expect(String(decoding: reply.body, as: UTF8.self) == message.body)
            #expect(reply.properties == message.propertyBytes)
        }
    }
}
