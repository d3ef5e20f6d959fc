import CeleryProtocol
import OrderedCollections
import Testing

/// Every message that Celery sent is read as Celery's own worker reads it.
@Suite struct TaskMessageFixtureTests {
    @Test func fixturesAreThere() {
        #expect(MessageFixture.messages.count > 70)
        #expect(MessageFixture.retries.count > 15)
    }

    @Test(arguments: MessageFixture.messages.filter { $0.expect["error"] == nil })
    func readsAsCelery(_ fixture: MessageFixture) throws {
        let message = try fixture.decode()
        let expect = fixture.expect
        func text(_ key: String) -> String? { expect[key]?.stringValue }
        #expect(message.protocolVersion.rawValue == expect["version"]?.intValue)
        #expect(message.id == text("id"))
        #expect(message.task == text("task"))
        #expect(message.name == text("name"))
        #expect(message.rootID == text("root_id"))
        #expect(message.parentID == text("parent_id"))
        #expect(message.group == text("group"))
        #expect(message.groupIndex == expect["group_index"]?.intValue)
        #expect(message.retries == expect["retries"]?.intValue)
        #expect(message.eta == text("eta").flatMap(Timestamp.init(iso:)))
        #expect(message.expires == text("expires").flatMap(Timestamp.init(iso:)))
        #expect(message.hardTimeLimit == expect["hard"]?.doubleValue)
        #expect(message.softTimeLimit == expect["soft"]?.doubleValue)
        #expect(message.ignoreResult == expect["ignore_result"]?.boolValue)
        #expect(message.deliveryInfo.priority.map(Int.init) == expect["priority"]?.intValue)
        #expect(message.correlationID == text("correlation_id"))
        #expect(message.replyTo ?? "" == text("reply_to") ?? "")
        #expect(message.argsRepr == text("argsrepr") ?? "")
        #expect(message.kwargsRepr == text("kwargsrepr") ?? "")
        #expect(message.origin == text("origin"))
        #expect(message.replacedTaskNesting == expect["replaced_task_nesting"]?.intValue)
        #expect(message.stampedHeaders == expect["stamped_headers"]?.arrayValue?.compactMap(\.stringValue))
        #expect(message.stamps == expect["stamps"]?.mapValue ?? [:])
    }

    @Test(arguments: MessageFixture.messages.filter { $0.expect["error"] == nil })
    func readsArgumentsAsCelery(_ fixture: MessageFixture) throws {
        let message = try fixture.decode()
        let expect = fixture.expect
        let (args, kwargs) = try message.body.values()
        #expect(CeleryValue.array(args) == expect["args"])
        #expect(CeleryValue.map(kwargs) == expect["kwargs"])
        let links = try #require(expect["embed"]?.mapValue)
        #expect(try message.body.embed == Embed(links))
        #expect(message.body.hasEmbed == !links.isEmpty)
        if fixture.name != "every AMQP type" {
            #expect(message.customHeaders.map(CeleryValue.map) ?? .null == expect["custom_headers"])
        }
        let properties = message.properties
        #expect(properties.contentType == expect["properties"]?["content_type"]?.stringValue)
        #expect(properties.appID == expect["properties"]?["app_id"]?.stringValue)
        #expect(properties.messageID == expect["properties"]?["message_id"]?.stringValue)
        #expect(properties.expiration == expect["properties"]?["expiration"]?.stringValue)
        #expect(properties.timestamp.map(Int.init) == expect["properties"]?["timestamp"]?.intValue)
    }

    /// What Celery refuses is refused for the same reason; where it fails by accident, more is understood.
    @Test(arguments: MessageFixture.messages.filter { $0.expect["error"] != nil && $0.name != "bytes header" })
    func refusesAsCelery(_ fixture: MessageFixture) throws {
        let error = try #require(throws: MessageError.self) { try fixture.decode() }
        #expect("\(error.kind)" == fixture.expect["error"]?.stringValue)
        #expect(!error.logText.isEmpty)
        #expect(error.bodyDump.hasSuffix("(\(fixture.body.count)b)"))
        let text = fixture.expect["text"]?.stringValue ?? ""
        switch error.kind {
        case .contentDisallowed: #expect(error.reason == text)
        case .invalid:
            // Celery's words up to Python's own reason.
            let common = text.split(separator: ": ").first.map(String.init) ?? text
            #expect(error.reason.hasPrefix(common))
        case .undecodable, .unknownMessage: break
        }
        if fixture.name == "bad eta" {
            #expect(error.id == "i-1")
            #expect(error.task == "tasks.add")
        }
        if fixture.name == "v1 kwargs not a map" {
            #expect(error.id == "1")
            #expect(error.task == "t")
        }
    }

    @Test func understandsBytesInPlaceOfTexts() throws {
        let message = try MessageFixture.named("bytes header").decode()
        #expect(message.id == "i-1")
        #expect(message.eta == nil)
    }

    @Test func readsEveryAMQPType() throws {
        let headers = try #require(MessageFixture.named("every AMQP type").decode().customHeaders)
        #expect(headers["decimal"] == .decimal("12.5"))
        #expect(headers["time"] == .datetime("2026-01-02T03:04:05+00:00"))
        #expect(headers["nested"] == ["a": [1, ["b": nil]]])
        #expect(headers["float"] == 1.25)
        #expect(headers["bytes"] == .bytes([0xff]))
        #expect(headers["long"] == .int(1 << 33))
        #expect(headers["empty"] == [:])
        #expect(headers["list"] == [])
    }
}
