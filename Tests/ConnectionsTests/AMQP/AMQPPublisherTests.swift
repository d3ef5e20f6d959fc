import Testing

@testable import Connections

/// Publishing to a real broker: what returns was taken, everything else throws.
@Suite(.disabled(if: BrokerUnderTest.isMissing, BrokerUnderTest.reason), .timeLimit(.minutes(1)))
struct AMQPPublisherTests {
    private let queue = BrokerUnderTest.name()

    @Test func tenThousandAreConfirmed() async throws {
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.declareOwnQueue(queue)
            try await publisher.publish((0..<10_000).map { .to(queue, "\($0)") }, timeout: .seconds(30))
            #expect(try await publisher.messageCount(queue) == 10_000)
        }
    }

    @Test func aMessageThatNoQueueTakesIsUnroutable() async throws {
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.declareOwnQueue(queue)
            let missing = BrokerUnderTest.name("missing")
            async let routed: Void = publisher.publish([.to(queue), .to(queue)])
            let error = await #expect(throws: AMQPError.self) { try await publisher.publish(.to(missing)) }
            #expect(error?.code == .unroutable)
            #expect(error?.description.contains(missing) == true)
            try await routed
            var dropped = AMQPMessage.to(missing)
            dropped.mandatory = false
            try await publisher.publish(dropped)
            #expect(try await publisher.messageCount(queue) == 2)
        }
    }

    @Test func anUnknownExchangeFailsAloneOnItsChannel() async throws {
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.declareOwnQueue(queue)
            let missing = BrokerUnderTest.name("exchange")
            let outcomes = await withTaskGroup(of: AMQPError.Code?.self) { group in
                for index in 0..<101 {
                    var message = AMQPMessage.to(queue)
                    if index == 50 { message.exchange = missing }
                    group.addTask { [message] in
                        do throws(AMQPError) {
                            try await publisher.publish(message)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap(\.self) == [.channelClosed(404)])
            // What was under way when the channel closed came twice, and nothing was lost.
            #expect(try await publisher.messageCount(queue) >= 100)
        }
    }

    @Test func whatCannotBeSentFailsAtOnce() async throws {
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.declareOwnQueue(queue)
            var malformed = AMQPMessage.to(queue)
            malformed.properties = [0xFF, 0xFE]
            for message in [.to(String(repeating: "x", count: 256)), malformed] {
                let error = await #expect(throws: AMQPError.self) { try await publisher.publish(message) }
                #expect(error?.code == .invalid)
            }
            try await publisher.publish(.to(queue))
            #expect(try await publisher.messageCount(queue) == 1)
        }
    }

    @Test func aRefusedDeclarationLeavesThePublisherUsable() async throws {
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.declareOwnQueue(queue)
            let missing = BrokerUnderTest.name("missing")
            for count in 1...3 {
                let notFound = await #expect(throws: AMQPError.self) { try await publisher.messageCount(missing) }
                #expect(notFound?.code == .channelClosed(404))
                let different = await #expect(throws: AMQPError.self) {
                    try await publisher.declareOwnQueue(queue, ["x-max-length": .integer(1)])
                }
                #expect(different?.code == .channelClosed(406))
                try await publisher.publish(.to(queue))
                #expect(try await publisher.messageCount(queue) == count)
            }
        }
    }

    @Test func anotherBrokerOfTheListIsTaken() async throws {
        let real = try BrokerUnderTest.url
        var closed = real
        closed.host = "127.0.0.1"
        closed.port = 1
        try await BrokerUnderTest.publisher([closed, closed, real]) { publisher in
            try await publisher.declareOwnQueue(queue)
            try await publisher.publish(.to(queue))
        }
    }

    @Test func aRefusedLoginFailsAtOnceAndKeepsThePasswordToItself() async throws {
        var url = try BrokerUnderTest.url
        url.password = "not-the-password"
        try await BrokerUnderTest.publisher([url]) { publisher in
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish(.to(queue), timeout: .seconds(50))
            }
            #expect(error?.code == .accessRefused)
            #expect(error?.debugDescription.contains(url.password) == false)
        }
    }

    @Test func aBrokerThatIsAwayIsSaidWhenTheTimeIsOver() async throws {
        var url = try BrokerUnderTest.url
        url.host = "127.0.0.1"
        url.port = 1
        try await BrokerUnderTest.publisher([url]) { publisher in
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish(.to(queue), timeout: .milliseconds(300))
            }
            #expect(error?.code == .unreachable)
        }
    }

    @Test func aStoppedPublisherRefuses() async throws {
        let publisher = AMQPPublisher(urls: [try BrokerUnderTest.url], options: AMQPOptions(), logger: .silent)
        publisher.stop()
        let error = await #expect(throws: AMQPError.self) { try await publisher.publish(.to(queue)) }
        #expect(error?.code == .invalid)
        try await publisher.publish([])
    }
}
