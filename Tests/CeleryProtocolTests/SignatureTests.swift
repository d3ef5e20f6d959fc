import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct SignatureTests {
    @Test func readsAndWrites() throws {
        let value: CeleryValue = [
            "task": "tasks.add", "args": [1], "kwargs": ["y": 2], "options": ["queue": "q"], "subtask_type": nil,
            "immutable": true, "chord_size": 2,
        ]
        let signature = try #require(Signature(celeryValue: value))
        #expect(signature.isImmutable)
        #expect(signature.extra == ["chord_size": 2])
        #expect(signature.celeryValue == value)
        #expect(Signature(celeryValue: ["task": "t"]) == Signature("t"))
        #expect(
            Signature(celeryValue: ["task": "t", "args": nil, "kwargs": nil, "options": nil, "immutable": nil])
                == Signature("t")
        )
        #expect(Signature(celeryValue: ["args": []]) == nil)
        #expect(Signature(celeryValue: "text") == nil)
        #expect(Signature.list([["task": "a"], nil, ["task": "b"]]).map(\.task) == ["a", "b"])
        #expect(Signature.list(["task": "a"]).map(\.task) == ["a"])
        #expect(Signature.list(nil).isEmpty)
    }

    /// `celery/canvas.py` `_merge`.
    @Test func mergesAsCelery() {
        let own = Signature("t", args: [3], kwargs: ["a": 1, "b": 2], options: ["queue": "q", "group_id": "g"])
        let merged = own.merging(
            args: [1, 2],
            kwargs: ["b": 9],
            options: ["queue": "other", "group_id": "changed", "priority": 3, "eta": nil]
        )
        #expect(merged.args == [1, 2, 3])
        #expect(merged.kwargs == ["a": 1, "b": 9])
        #expect(merged.options == ["queue": "other", "group_id": "g", "priority": 3])
        var fixed = own
        fixed.isImmutable = true
        #expect(fixed.merging(args: [1], kwargs: ["c": 1]).args == [3])
        #expect(fixed.merging(args: [1], force: true).args == [1, 3])
        #expect(Signature("t").merging(options: ["group_id": "new"]).options == ["group_id": "new"])
    }

    @Test func stampsNeverChange() {
        let own = Signature("t", options: ["stamped_headers": ["s"], "s": "own"])
        let merged = own.merging(options: ["s": "other", "stamped_headers": ["x"], "x": 1])
        #expect(merged.options == ["stamped_headers": ["s"], "s": "own", "x": 1])
    }

    @Test func becomesAMessage() throws {
        let now = Timestamp(microsecondsSince1970: 1_000_000)
        let signature = Signature(
            "t",
            args: [1],
            options: [
                "countdown": 2, "expires": 5.5, "priority": 300, "link": ["task": "cb"], "chain": [["task": "next"]],
                "chord": ["task": "body"], "time_limit": 3, "serializer": "msgpack", "stamped_headers": ["s"], "s": "v",
                "headers": ["x": 1], "group_id": "g", "group_index": 4, "shadow": "shown", "ignore_result": true,
            ]
        )
        let draft = try TaskMessage.Draft(signature, id: "i", origin: "o", now: now)
        let sent = try draft.publication(routingKey: "q", now: now)
        let message = try TaskMessage.decode(
            properties: 0..<sent.properties.count,
            body: sent.properties.count..<sent.properties.count + sent.body.count,
            in: sent.properties + sent.body,
            deliveryInfo: DeliveryInfo(exchange: "", routingKey: "q"),
            accept: AcceptContent(["msgpack"])
        )
        #expect(message.eta == Timestamp(microsecondsSince1970: 3_000_000))
        #expect(message.expires == Timestamp(microsecondsSince1970: 6_500_000))
        #expect(message.properties.expiration == "5500")
        #expect(message.priority == 255)
        #expect(message.hardTimeLimit == 3)
        #expect(message.group == "g")
        #expect(message.groupIndex == 4)
        #expect(message.name == "shown")
        #expect(message.ignoreResult == true)
        #expect(message.stamps == ["s": "v"])
        #expect(message.customHeaders == ["x": 1])
        let embed = try message.body.embed
        #expect(embed.callbacks.map(\.task) == ["cb"])
        #expect(embed.chain.map(\.task) == ["next"])
        #expect(embed.chord?.task == "body")
        let unknown = Signature("t", options: ["serializer": "x"])
        #expect(throws: UnknownSerializer.self) { try TaskMessage.Draft(unknown, id: "i", origin: "o", now: now) }
    }
}
