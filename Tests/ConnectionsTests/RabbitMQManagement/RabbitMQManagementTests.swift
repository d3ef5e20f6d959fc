import Foundation
import Testing

@testable import Connections

/// The broker of the test run: `scripts/services NAME up` prints its address.
private let address = ProcessInfo.processInfo.environment["CHARD_TEST_MANAGEMENT_URL"]

@Suite(
    "RabbitMQ's management API, on a real broker",
    .disabled(if: address == nil, "CHARD_TEST_MANAGEMENT_URL is not set; scripts/services test up prints it")
)
struct RabbitMQManagementTests {
    private let url: ManagementURL
    private let management: RabbitMQManagement

    init() throws {
        url = try ManagementURL(address ?? "")
        management = RabbitMQManagement(url: url)
    }

    @Test("Version, nodes and alarms")
    func broker() async throws {
        let overview = try await management.overview()
        #expect(overview.version.split(separator: ".").count >= 3)
        let nodes = try await management.nodes()
        #expect(nodes.contains { $0.name == overview.node && $0.running })
        #expect(nodes.allSatisfy { $0.memoryLimit != nil && $0.diskFreeLimit != nil })
        #expect(try await management.alarm() == nil)
    }

    @Test("Exchanges, bindings and queues of a virtual host")
    func objects() async throws {
        #expect(try await management.exchanges(virtualHost: "/").contains { $0.name == "amq.direct" && $0.durable })
        _ = try await management.bindings(virtualHost: "/")
        _ = try await management.queues(virtualHost: "/")
        #expect(try await management.queue("no such \"queue\"/é", virtualHost: "/") == nil)
    }

    @Test("A policy that was set is found again, and can be replaced")
    func policy() async throws {
        let name = "test-\(UUID().uuidString)"
        var policy = RabbitMQManagement.Policy(
            name: name,
            pattern: "^\(name)$",
            priority: -1,
            definition: [
                "dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("x.dead"),
                "max-length": .integer(7),
            ]
        )
        try await management.put(policy, virtualHost: "/")
        #expect(try await management.policies(virtualHost: "/").first { $0.name == name } == policy)
        policy.definition["max-length"] = .integer(8)
        try await management.put(policy, virtualHost: "/")
        #expect(try await management.policies(virtualHost: "/").filter { $0.name == name } == [policy])
    }

    @Test("A policy that RabbitMQ does not understand is refused in its own words")
    func badPolicy() async throws {
        let policy = RabbitMQManagement.Policy(name: "bad", pattern: "x", definition: ["no-such-key": .integer(1)])
        let error = await failure { try await management.put(policy, virtualHost: "/") }
        #expect(error?.code == .refused(400))
        #expect(error?.reason.contains("no-such-key") == true)
    }

    @Test("A virtual host that is not there")
    func virtualHost() async {
        #expect(await failure { _ = try await management.queues(virtualHost: "nope") }?.code == .notFound)
    }

    @Test("A wrong password")
    func password() async {
        var wrong = url
        wrong.password = "SECRET"
        let error = await failure { _ = try await RabbitMQManagement(url: wrong).overview() }
        #expect(error?.code == .unauthorized)
        #expect(error?.description.contains("SECRET") == false)
        #expect(error?.description.hasPrefix("asking for the broker's version at http://guest:**@") == true)
    }

    private func failure(_ call: () async throws -> Void) async -> ManagementError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? ManagementError
        }
    }
}
