import Testing

@testable import Connections

/// What the operator of the broker may do to a publisher.
@Suite(.disabled(if: BrokerUnderTest.isUncontrolled, BrokerUnderTest.controlReason), .timeLimit(.minutes(1)))
struct AMQPFaultTests {
    private let queue = BrokerUnderTest.name()

    @Test func publishesUnderWaySurviveAClosedConnection() async throws {
        let lines = LogLines()
        try await BrokerUnderTest.publisher(connectionName: queue, logger: lines.logger) { publisher in
            _ = try await publisher.perform { (connection, channel) throws(AMQPError) in
                try connection.declareQueue(queue, durable: false, channel: channel)
            }
            let publishing = Task {
                var count = 0
                while !Task.isCancelled {
                    try await publisher.publish((0..<500).map { .to(queue, "\($0)") }, timeout: .seconds(20))
                    count += 500
                }
                return count
            }
            let closed = try await BrokerUnderTest.toConnections(
                named: queue,
                "rabbit_networking:close_connection(P, \"by the test\")"
            )
            #expect(closed == 1)
            #expect(await lines.wait(for: "320 CONNECTION_FORCED - by the test"))
            publishing.cancel()
            let confirmed = try await publishing.value
            try await publisher.publish(.to(queue))
            #expect(try await publisher.messageCount(queue) > confirmed)
            try await publisher.perform { (connection, channel) throws(AMQPError) in
                try connection.deleteQueue(queue, channel: channel)
            }
        }
    }

    /// The broker's memory alarm as it reaches this connection alone, so that other tests go on.
    @Test func aBlockedBrokerIsSaidWhenTheTimeIsOver() async throws {
        let lines = LogLines()
        try await BrokerUnderTest.publisher(connectionName: queue, logger: lines.logger) { publisher in
            try await publisher.declareOwnQueue(queue)
            #expect(try await alarm(true) == 1)
            // The broker blocks a connection when it publishes; this first one may still be taken.
            try? await publisher.publish(.to(queue), timeout: .seconds(1))
            #expect(await lines.wait(for: "has blocked publishing"))
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish(.to(queue), timeout: .milliseconds(200))
            }
            #expect(error?.code == .blocked)
            async let waiting: Void = publisher.publish(.to(queue), timeout: .seconds(20))
            #expect(try await alarm(false) == 1)
            try await waiting
        }
    }

    private func alarm(_ isOn: Bool) async throws -> Int {
        try await BrokerUnderTest.toConnections(named: queue, "P ! {conserve_resources, memory, \(isOn)}")
    }
}
