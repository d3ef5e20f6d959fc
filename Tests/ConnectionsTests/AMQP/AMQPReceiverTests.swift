import Testing

@testable import Connections

/// How frames become deliveries.
struct AMQPReceiverTests {
    private var frames = AMQPFrames()

    @Test mutating func aMessageInSeveralFrames() {
        frames.deliver(1, channel: 1, exchange: "ex", key: "key")
        frames.header("props", size: 6, channel: 1)
        frames.body("abc", channel: 1)
        frames.body("def", channel: 1)
        #expect(frames.take() == ["1.1 ex/key props abcdef"])
        #expect(frames.take() == [])
    }

    @Test mutating func theFramesOfTwoChannelsMayBeMixed() {
        frames.deliver(1, channel: 1, key: "one")
        frames.deliver(7, channel: 2, key: "two")
        frames.header("p1", size: 4, channel: 1)
        frames.header("p2", size: 4, channel: 2)
        frames.body("ab", channel: 1)
        frames.body("AB", channel: 2)
        frames.body("CD", channel: 2)
        frames.body("cd", channel: 1)
        frames.deliver(2, channel: 1, key: "one")
        frames.header("p3", size: 1, channel: 1)
        frames.body("x", channel: 1)
        #expect(frames.take() == ["2.7 /two p2 ABCD", "1.1 /one p1 abcd", "1.2 /one p3 x"])
    }

    @Test mutating func anEmptyBodyNeedsNoFrame() {
        frames.deliver(1, channel: 1)
        frames.header("", size: 0, channel: 1)
        frames.deliver(2, channel: 1)
        frames.header("p", size: 0, channel: 1)
        #expect(frames.take() == ["1.1 /q  ", "1.2 /q p "])
    }

    @Test mutating func aBatchIsCutBetweenMessagesWhereverTheReadEnds() {
        frames.deliver(1, channel: 1)
        frames.header("p", size: 1, channel: 1)
        frames.body("x", channel: 1)
        frames.deliver(2, channel: 1, exchange: "ex")
        #expect(frames.take() == ["1.1 /q p x"])
        frames.header("pp", size: 3, channel: 1)
        #expect(frames.take() == [])
        frames.body("a", channel: 1)
        #expect(frames.take() == [])
        frames.body("bc", channel: 1)
        frames.deliver(3, channel: 1)
        frames.header("", size: 0, channel: 1)
        #expect(frames.take() == ["1.2 ex/q pp abc", "1.3 /q  "])
    }

    @Test mutating func aReturnedMessageIsAnEventAndNoDelivery() throws {
        frames.deliver(1, channel: 2)
        frames.header("p", size: 2, channel: 2)
        frames.returned(channel: 1, exchange: "ex", key: "nowhere")
        frames.header("props", size: 4, channel: 1)
        frames.body("lost", channel: 1)
        frames.body("ok", channel: 2)
        let (batch, events) = frames.receiver.take()
        #expect(batch?.deliveries.count == 1)
        guard case .returned(let message)? = events.first, events.count == 1 else {
            Issue.record("expected one returned message, not \(events)")
            return
        }
        #expect(message.channel == 1)
        #expect(message.replyCode == 312)
        #expect(message.replyText == "NO_ROUTE")
        #expect(message.exchange == "ex")
        #expect(message.routingKey == "nowhere")
        #expect(message.properties == Array("props".utf8))
        #expect(frames.receiver.take().events.isEmpty)
    }

    @Test mutating func aClosedChannelTakesItsUnfinishedMessageWithIt() {
        frames.deliver(1, channel: 1)
        frames.header("p", size: 2, channel: 1)
        frames.body("a", channel: 1)
        frames.deliver(1, channel: 2)
        frames.header("p", size: 2, channel: 2)
        frames.receiver.forget(channel: 1)
        frames.body("ok", channel: 2)
        // The channel's number is used again, and its tags begin anew.
        frames.deliver(1, channel: 1, key: "new")
        frames.receiver.forget(channel: 1)
        frames.deliver(1, channel: 1, key: "newer")
        frames.header("", size: 0, channel: 1)
        #expect(frames.take() == ["2.1 /q p ok", "1.1 /newer  "])
    }

    @Test mutating func framesThatBelongToNothingAreDropped() {
        frames.body("stray", channel: 1)
        frames.header("stray", size: 5, channel: 1)
        frames.deliver(1, channel: 2)
        frames.body("before its header", channel: 2)
        frames.header("p", size: 1, channel: 3)
        frames.header("p", size: 3, channel: 2)
        frames.body("more than was announced", channel: 2)
        frames.body("x", channel: 2)
        #expect(frames.take() == ["2.1 /q p more than was announced"])
    }
}
