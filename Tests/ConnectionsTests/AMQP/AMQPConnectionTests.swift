import Testing

@testable import Connections

/// Logging in to, and consuming from, a real broker.
@Suite(.disabled(if: BrokerUnderTest.isMissing, BrokerUnderTest.reason), .timeLimit(.minutes(1)))
struct AMQPConnectionTests {
    @Test func theBrokerSaysItsVersion() throws {
        let connection = try AMQPConnection(BrokerUnderTest.url, options: AMQPOptions())
        defer { connection.close() }
        #expect(connection.brokerVersion.contains("."))
        #expect(connection.heartbeat > 0)
    }

    @Test func aWrongPasswordIsRefusedAndNotShown() throws {
        var url = try BrokerUnderTest.url
        url.password = "not-the-password"
        let error = #expect(throws: AMQPError.self) { try AMQPConnection(url, options: AMQPOptions()) }
        #expect(error?.code == .accessRefused)
        #expect(error?.debugDescription.contains(url.password) == false)
    }

    @Test func anUnknownVirtualHostIsRefused() throws {
        var url = try BrokerUnderTest.url
        url.virtualHost = BrokerUnderTest.name("vhost")
        let error = #expect(throws: AMQPError.self) { try AMQPConnection(url, options: AMQPOptions()) }
        #expect(error?.code == .accessRefused)
    }

    /// More messages than the prefetch window, so that they only come if the acknowledgements arrive.
    @Test func acknowledgementsKeepMessagesComing() async throws {
        try await roundTrip((0..<500).map { "\($0)" }, TestConsumer(queue, BrokerUnderTest.url))
    }

    @Test func aLargeMessageComesWhole() async throws {
        let body = String(repeating: "0123456789abcdef", count: 20 << 16)
        try await roundTrip([body], TestConsumer(queue, BrokerUnderTest.url))
    }

    private let queue = BrokerUnderTest.name()

    private func roundTrip(_ bodies: [String], _ consumer: TestConsumer) async throws {
        defer { consumer.stop() }
        try await consumer.start()
        try await BrokerUnderTest.publisher { publisher in
            try await publisher.publish(bodies.map { .to(queue, $0) }, timeout: .seconds(30))
        }
        let received = await consumer.bodies(bodies.count)
        #expect(received == bodies.map { Array($0.utf8) })
    }

    @Test(.disabled(if: BrokerUnderTest.isTLSMissing, BrokerUnderTest.tlsReason))
    func acknowledgementsKeepMessagesComingOverTLS() async throws {
        try await roundTrip(
            (0..<50).map { "\($0)" },
            TestConsumer(queue, BrokerUnderTest.tlsURL, tls: BrokerUnderTest.tls)
        )
    }
}

/// Whom a connection over TLS trusts.
@Suite(.disabled(if: BrokerUnderTest.isTLSMissing, BrokerUnderTest.tlsReason))
struct AMQPTLSTests {
    private func code(_ url: BrokerURL, _ change: (inout TLSSettings) -> Void) -> AMQPError.Code? {
        var options = AMQPOptions()
        options.tls = BrokerUnderTest.tls
        change(&options.tls)
        do throws(AMQPError) {
            try AMQPConnection(url, options: options).close()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func withOurAuthority() throws {
        let url = try BrokerUnderTest.tlsURL
        #expect(code(url) { _ in } == nil)
        #expect(code(url) { ($0.certificatePath, $0.keyPath) = (nil, nil) } == nil)
    }

    @Test func anotherAuthorityIsNotTrusted() throws {
        let url = try BrokerUnderTest.tlsURL
        #expect(code(url) { $0.authorityPath = $0.certificatePath } == .unreachable)
        #expect(
            code(url) {
                $0.authorityPath = $0.certificatePath
                $0.verifiesPeer = false
            } == nil
        )
    }

    @Test func theCertificateMustNameTheHost() throws {
        var url = try BrokerUnderTest.tlsURL
        url.host = "127.1"
        #expect(code(url) { _ in } == .unreachable)
        #expect(code(url) { $0.verifiesHostname = false } == nil)
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let url = try BrokerUnderTest.tlsURL
        #expect(code(url) { $0.authorityPath = "/nonexistent/ca.pem" } == .invalid)
        #expect(code(url) { $0.keyPath = $0.certificatePath } == .invalid)
    }
}
