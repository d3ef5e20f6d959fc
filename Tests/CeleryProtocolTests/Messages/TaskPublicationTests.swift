import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct TaskPublicationTests {
    /// The moment that Fixtures/generate.py takes for now.
    static let now = Timestamp(iso: "2026-01-02T03:04:05.678901+00:00") ?? Timestamp(microsecondsSince1970: 0)

    /// Protocol 2 messages of Python's sender whose every part a draft can say.
    static let drafts = MessageFixture.messages.filter { fixture in
        fixture.expect["version"] == 2 && fixture.expect["origin"] == "gen42@fixtures"
            && !["naive eta", "eta elsewhere"].contains(fixture.name)
    }

    @Test(arguments: drafts)
    func writesWhatCeleryWrites(_ fixture: MessageFixture) throws {
        let message = try fixture.decode()
        let publication = try Self.draft(of: message, fixture).publication(routingKey: "celery", now: Self.now)
        #expect(publication.properties == fixture.properties, "\(Self.difference(publication.properties, fixture))")
        if message.contentType == .yaml {
            let again = try MessageFixture.decode(publication.properties, publication.body)
            #expect(try again.body.values() == message.body.values())
        } else {
            #expect(publication.body == fixture.body)
        }
    }

    private static func draft(of message: TaskMessage, _ fixture: MessageFixture) throws -> TaskMessage.Draft {
        let (args, kwargs) = try message.body.values()
        var draft = TaskMessage.Draft(id: message.id, task: message.task, args: args, kwargs: kwargs, origin: "")
        draft.origin = message.origin ?? ""
        draft.links = .values(try message.body.embed)
        draft.shadow = message.shadow
        draft.eta = message.eta
        draft.expires = message.expires
        draft.group = message.group
        draft.groupIndex = message.groupIndex
        draft.retries = message.retries
        draft.hardTimeLimit = message.hardTimeLimit
        draft.softTimeLimit = message.softTimeLimit
        draft.rootID = message.rootID
        draft.parentID = message.parentID
        if fixture.name == "reprs" || fixture.name.contains("values") || fixture.name.contains("msgpack") {
            draft.argsRepr = message.argsRepr
            draft.kwargsRepr = message.kwargsRepr
        }
        draft.ignoreResult = message.ignoreResult
        draft.replacedTaskNesting = message.replacedTaskNesting
        draft.stampedHeaders = message.stampedHeaders
        draft.stamps = message.stamps
        draft.headers = message.customHeaders ?? [:]
        draft.replyTo = message.replyTo ?? ""
        draft.priority = message.priority
        draft.contentType = message.contentType
        draft.properties.appID = message.properties.appID
        draft.properties.messageID = message.properties.messageID
        draft.properties.type = message.properties.type
        draft.properties.timestamp = message.properties.timestamp
        if let name = message.header("compression")?.stringValue, let format = CompressionFormat(name: name) {
            let packed = fixture.body
            draft.compression = (format, { _ in packed })
        }
        return draft
    }

    private static func difference(_ bytes: [UInt8], _ fixture: MessageFixture) -> String {
        guard let own = try? BasicProperties(decoding: bytes),
            let celery = try? BasicProperties(decoding: fixture.properties)
        else { return "can't be read" }
        let names = Set((own.headers ?? [:]).keys).union((celery.headers ?? [:]).keys)
        let differing = names.filter { own.headers?[$0] != celery.headers?[$0] }
        return differing.map { "\($0): \(own.headers?[$0] as Any) – \(celery.headers?[$0] as Any)" }.joined(
            separator: "\n"
        )
    }

    /// `Task.retry` of real Celery, byte for byte where the order of headers is the same.
    @Test(arguments: MessageFixture.retries)
    func retriesAsCelery(_ fixture: MessageFixture) throws {
        let plain = MessageFixture.messages.first { $0.name == fixture.name }?.plainBody
        let message = try MessageFixture.decode(fixture.properties, fixture.body, plain: plain)
        let eta = Timestamp(iso: "2026-02-03T04:05:06.000789+00:00")
        let retry = try message.retryPublication(
            eta: eta,
            origin: "gen42@fixtures",
            replyTo: "11111111-2222-3333-8444-555555555555",
            now: Self.now
        )
        let properties = MessageFixture.bytes(try #require(fixture.fields["retried_properties"]?.stringValue))
        let own = try BasicProperties(decoding: retry.properties)
        let celery = try BasicProperties(decoding: properties)
        for name in Set((own.headers ?? [:]).keys).union((celery.headers ?? [:]).keys) {
            // Celery prints arguments that were changed by JSON anew; here they stay as the first sender printed them.
            if name == "argsrepr", fixture.name == "typed values" { continue }
            #expect(own.headers?[name] == celery.headers?[name], "\(name)")
        }
        #expect(own.expiration == celery.expiration)
        // Celery sends none if none came; here it is always present.
        #expect(own.priority == celery.priority ?? 0)
        #expect(own.replyTo == celery.replyTo)
        #expect(own.correlationID == celery.correlationID)
        #expect(own.deliveryMode == celery.deliveryMode)
        let body = MessageFixture.bytes(try #require(fixture.fields["retried_body"]?.stringValue))
        #expect(try JSONParser.parse(retry.body) == JSONParser.parse(body))
        #expect(retry.exchange == fixture.fields["exchange"]?.stringValue)
        #expect(retry.routingKey == fixture.fields["routing_key"]?.stringValue)
    }

    @Test func retriesWithNewArguments() throws {
        let message = try MessageFixture.named("link").decode()
        let retry = try message.retryPublication(eta: nil, args: [7], kwargs: ["k": "v"], now: Self.now)
        let again = try MessageFixture.decode(retry.properties, retry.body)
        #expect(try again.body.values().args == [7])
        #expect(try again.body.values().kwargs == ["k": "v"])
        #expect(try again.body.embed == message.body.embed)
        #expect(again.argsRepr == "(7,)")
        #expect(again.retries == 1)
    }

    @Test func refusesNamesThatAMQPCannotCarry() {
        var draft = TaskMessage.Draft(id: "1", task: "t", origin: "o")
        draft.headers[String(repeating: "x", count: 256)] = 1
        #expect(throws: AMQPFormatError.self) { try draft.publication(routingKey: "q", now: Self.now) }
        draft.headers = [:]
        draft.replyTo = String(repeating: "x", count: 256)
        #expect(throws: AMQPFormatError.self) { try draft.publication(routingKey: "q", now: Self.now) }
    }
}
