import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Connections

@Suite("RabbitMQ's management API: what can go wrong before it answers")
struct RabbitMQManagementFailureTests {
    @Test("Nobody listens")
    func refused() async throws {
        let server = try await SilentServer()
        try await server.close()
        let url = ManagementURL(host: "127.0.0.1", port: server.port, password: "SECRET")
        let error = await #expect(throws: ManagementError.self) {
            try await RabbitMQManagement(url: url, timeout: .seconds(5)).overview()
        }
        #expect(error?.code == .unreachable)
        #expect(error?.description.contains("SECRET") == false)
    }

    @Test("Somebody listens and says nothing")
    func silent() async throws {
        let server = try await SilentServer()
        let url = ManagementURL(host: "127.0.0.1", port: server.port)
        let error = await #expect(throws: ManagementError.self) {
            try await RabbitMQManagement(url: url, timeout: .milliseconds(200)).nodes()
        }
        #expect(error?.code == .timedOut)
        try await server.close()
    }

    @Test("Values of arguments survive JSON")
    func values() throws {
        let table: [String: JSONValue] = [
            "s": .string("x"), "i": .integer(5), "d": .number(1.5), "b": .bool(true), "n": .null,
            "a": .array([.integer(1)]),
            "o": .object(["k": .string("v")]),
        ]
        let data = try JSONEncoder().encode(table)
        #expect(try JSONDecoder().decode([String: JSONValue].self, from: data) == table)
        #expect(table.summary == "a=[1], b=true, d=1.5, i=5, n=null, o={k: v}, s=x")
    }

    @Test("A queue's arguments may be an empty list, and fields may be missing")
    func sparseQueue() throws {
        let json =
            #"{"name": "q", "durable": true, "auto_delete": false, "arguments": [], "effective_policy_definition": []}"#
        let queue = try JSONDecoder().decode(RabbitMQManagement.Queue.self, from: Data(json.utf8))
        #expect(queue.arguments.isEmpty)
        #expect(queue.messages == nil)
        #expect(queue.policy == nil)
    }
}

/// A server that accepts connections and never answers.
private struct SilentServer {
    let port: Int
    private let channel: any Channel

    init() async throws {
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(
            host: "127.0.0.1",
            port: 0
        ).get()
        port = channel.localAddress?.port ?? 0
    }

    func close() async throws { try await channel.close() }
}
