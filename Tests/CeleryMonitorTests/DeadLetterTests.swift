import CeleryProtocol
import Connections
import OrderedCollections
import Testing

@testable import CeleryMonitor

/// How dead letters are read, grouped, made ready for another run, and edited.
@Suite struct DeadLetterTests {
    static func message(
        _ headers: CeleryMap,
        body: String = "[[1], {}, {}]",
        contentType: String? = "application/json",
        queue: String = "orders.dead"
    ) throws -> DeadMessage {
        var properties = BasicProperties()
        properties.headers = headers
        properties.contentType = contentType
        properties.contentEncoding = "utf-8"
        return message(try properties.encoded(), Array(body.utf8), queue: queue)
    }

    static func message(_ properties: [UInt8], _ body: [UInt8], queue: String = "orders.dead") -> DeadMessage {
        let bytes = properties + body
        let batch = AMQPDeliveryBatch.single(
            bytes: bytes,
            redelivered: false,
            exchange: 0..<0,
            routingKey: 0..<0,
            properties: 0..<properties.count,
            body: properties.count..<bytes.count
        )
        return DeadMessage(batch, batch.deliveries[0], queue: queue)
    }

    static let chard: CeleryMap = [
        "lang": "py", "task": "tasks.add", "id": "abc", "retries": 2, "x-chard-reason": "rejected",
        "x-chard-error": "ValueError('no 12')\nmore", "x-chard-queue": "orders.eu", "x-chard-worker": "w@a",
        "x-chard-time": "2026-11-21T20:00:00+00:00",
    ]

    @Test func chardsHeadersAreRead() throws {
        let letter = try Self.message(Self.chard)
        #expect(letter.source == "orders.eu" && letter.reason == "rejected" && letter.worker == "w@a")
        #expect(letter.taskID == "abc" && letter.task == "tasks.add" && letter.retries == 2)
        #expect(letter.time == 1_795_291_200 && letter.exceptionType == "ValueError")
        #expect(letter.arguments?.args == [1] && letter.firstLine == "ValueError('no 12')")
    }

    @Test func theBrokersHeadersAreRead() throws {
        let death: CeleryValue = [
            "reason": "delivery_limit", "queue": "orders", "count": 1, "time": .datetime("2026-11-21T20:00:00+00:00"),
        ]
        let letter = try Self.message(["task": "t", "id": "i", "x-death": [death]], queue: "dlq")
        #expect(letter.source == "orders" && letter.reason == "delivery_limit")
        #expect(letter.error == "It was delivered too often without being acknowledged.")
    }

    @Test func whatCanNotBeReadIsShownAllTheSame() {
        let broken = Self.message([0xFF, 0xFF, 3], [0, 1, 2])
        #expect(broken.source == "orders" && broken.reason == "unknown" && broken.task == nil)
        #expect(broken.arguments == nil && broken.argumentsProblem != nil && broken.body == [0, 1, 2])
        let empty = Self.message([], [])
        #expect(empty.size == 0 && empty.argumentsProblem != nil)
    }

    @Test func theKeyStaysTheSameWhenTheBrokerCounts() throws {
        let one = try Self.message(Self.chard)
        var counted = Self.chard
        counted["x-delivery-count"] = 3
        #expect(try Self.message(counted).key == one.key)
        #expect(try Self.message(Self.chard, body: "[[2], {}, {}]").key != one.key)
    }

    @Test(arguments: [
        ("KeyError('a1b2c3d4e5f6')", "KeyError('#')"),
        ("user 17 of 3f2b8c1a-0000-4000-8000-1234567890ab", "user # of #"),
        ("no connection to db-01.example", "no connection to #.example"),
        ("plain words stay", "plain words stay"), ("", ""),
    ]) func whatDiffersFromMessageToMessageIsLeftOut(_ line: String, _ expected: String) {
        #expect(DeadMessage.normalized(line) == expected)
    }

    @Test func groupsAreByCauseTheLargestFirst() throws {
        func letter(_ task: String, _ error: String) throws -> DeadMessage {
            var headers = Self.chard
            headers["task"] = .string(task)
            headers["x-chard-error"] = .string(error)
            return try Self.message(headers)
        }
        let groups = DeadGroup.groups([
            try letter("a", "KeyError: 1"), try letter("b", "KeyError: 1"), try letter("b", "KeyError: 2"),
        ])
        #expect(groups.map(\.task) == ["b", "a"] && groups.map(\.count) == [2, 1])
    }

    @Test func nothingOfItsDeathGoesAlongWhenItIsRequeued() {
        var headers = Self.chard
        headers["x-death"] = [["queue": "orders"]]
        headers["x-first-death-queue"] = "orders"
        headers["x-last-death-reason"] = "rejected"
        headers["x-delivery-count"] = 4
        headers["x-chard-requeues"] = 1
        headers["mine"] = "stays"
        let kept = DeadHeaders.forRequeue(headers)
        #expect(Set(kept.keys) == ["lang", "task", "id", "retries", "mine", "x-chard-requeues"])
        #expect(kept["x-chard-requeues"] == 2)
        #expect(DeadHeaders.forRequeue(["x-chard-requeues": .int(.max)])["x-chard-requeues"] == 1_000_001)
    }

    @Test func anEditKeepsWhatJSONHasNoFormFor() throws {
        var headers = Self.chard
        headers["blob"] = .bytes([255, 0])
        headers["argsrepr"] = "(1,)"
        let letter = try Self.message(headers)
        #expect(DeadEdit.objection(to: letter) == nil)
        #expect(!DeadEdit.headersText(letter).contains("blob") && !DeadEdit.headersText(letter).contains("x-chard"))
        let edit = try DeadEdit(headers: #"{"task": "new.name", "id": "abc"}"#, body: "[[2], {}]", of: letter)
        #expect(edit.headers["blob"] == .bytes([255, 0]) && edit.headers["task"] == "new.name")
        #expect(edit.headers["argsrepr"] == nil && edit.headers["retries"] == nil)
    }

    @Test(arguments: [
        ("[]", "[[1], {}, {}]", "not a JSON object"), ("{", "[[1], {}, {}]", "not a JSON object"),
        ("{\"task\": \"t\"}", "[1", "not JSON"), ("{\"task\": \"t\"}", "[[1]]", "[[1], {}, {}]"),
        ("{\"task\": \"t\"}", "[{}, []]", "[[1], {}, {}]"),
    ]) func anEditThatIsNoTaskIsRefused(_ headers: String, _ body: String, _ why: String) throws {
        let letter = try Self.message(Self.chard)
        do {
            _ = try DeadEdit(headers: headers, body: body, of: letter)
            Issue.record("it was accepted")
        } catch {
            guard case .badRequest(let text) = error else { return Issue.record("\(error)") }
            #expect(text.contains(why) && text.contains("nothing was done"))
        }
    }

    @Test func whatIsNotPlainJSONCanNotBeEdited() throws {
        #expect(
            DeadEdit.objection(to: try Self.message(Self.chard, body: "\u{80}", contentType: "application/data")) != nil
        )
        var compressed = Self.chard
        compressed["compression"] = "application/x-gzip"
        #expect(DeadEdit.objection(to: try Self.message(compressed)) == "Its body is compressed.")
    }

    @Test func theDeliveryLimitIsThatOfTheQueueOrOfTheBroker() {
        var queue = QueuePicture(name: "q.dead", type: "quorum")
        #expect(queue.deliveryLimit(brokerVersion: .init(3, 13)) == nil)
        #expect(queue.deliveryLimit(brokerVersion: .init(4, 1)) == 20)
        #expect(queue.deliveryLimit(brokerVersion: nil) == 20)
        queue.effectivePolicy = [.init(name: "delivery-limit", value: "7")]
        queue.arguments = [.init(name: "x-delivery-limit", value: "5")]
        #expect(queue.deliveryLimit(brokerVersion: .init(3, 13)) == 5)
        queue.effectivePolicy = []
        queue.arguments = [.init(name: "x-delivery-limit", value: "-1")]
        #expect(queue.deliveryLimit(brokerVersion: .init(4, 1)) == nil)
        queue.type = "classic"
        #expect(queue.deliveryLimit(brokerVersion: .init(4, 1)) == nil)
    }

    @Test func bytesAreShownAsHexadecimal() {
        let text = HexDump.text(Array("\u{1}abcdefghijklmnopq".utf8)[...])
        #expect(
            text == """
                00000000  01 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f  |.abcdefghijklmno|
                00000010  70 71                                            |pq|
                """
        )
        #expect(HexDump.text([]).isEmpty)
    }
}
