import Foundation
import Logging
import Synchronization
import Testing

@testable import Connections

/// The RabbitMQ that the test run was given.
enum BrokerUnderTest {
    static let reason: Comment = "CHARD_TEST_BROKER_URL is not set; `make test` starts a RabbitMQ and sets it"
    static let isMissing = variable("CHARD_TEST_BROKER_URL") == nil
    static let tlsReason: Comment = "CHARD_TEST_BROKER_TLS_URL and CHARD_TEST_TLS_CA, _CERT, _KEY are not set"
    static let isTLSMissing = ["BROKER_TLS_URL", "TLS_CA", "TLS_CERT", "TLS_KEY"].contains {
        variable("CHARD_TEST_\($0)") == nil
    }
    static let controlReason: Comment = "CHARD_TEST_SERVICES is not set; it is the command that controls the broker"
    static let isUncontrolled = isMissing || variable("CHARD_TEST_SERVICES") == nil

    static var url: BrokerURL {
        get throws { try BrokerURL(try #require(variable("CHARD_TEST_BROKER_URL"))) }
    }
    static var tlsURL: BrokerURL {
        get throws { try BrokerURL(try #require(variable("CHARD_TEST_BROKER_TLS_URL"))) }
    }
    static var tls: TLSSettings {
        TLSSettings(
            authorityPath: variable("CHARD_TEST_TLS_CA"),
            certificatePath: variable("CHARD_TEST_TLS_CERT"),
            keyPath: variable("CHARD_TEST_TLS_KEY")
        )
    }

    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    /// A name that no other test uses.
    static func name(_ text: String = "q") -> String { "chard-test.\(text).\(UUID().uuidString)" }

    /// Runs `body` with a publisher, and stops it afterwards.
    static func publisher<Result>(
        _ urls: [BrokerURL]? = nil,
        connectionName: String = "chard test",
        logger: Logger = .silent,
        _ body: (AMQPPublisher) async throws -> Result
    ) async throws -> Result {
        var options = AMQPOptions()
        options.connectionName = connectionName
        let publisher = AMQPPublisher(urls: try urls ?? [url], options: options, logger: logger)
        defer { publisher.stop() }
        return try await body(publisher)
    }

    /// Lets the broker do something to the connections of one name; returns to how many it did.
    ///
    /// - Parameter action: Erlang that uses `P`, a connection's process.
    static func toConnections(named name: String, _ action: String) async throws -> Int {
        let script = """
            length([begin \(action) end || P <- rabbit_networking:connections(), \
            case catch rabbit_networking:connection_info(P, [client_properties]) of \
            [{_, T}] -> lists:member({<<"connection_name">>, longstr, <<"\(name)">>}, T); _ -> false end]).
            """
        var output = ""
        // On a machine under load rabbitmqctl may give up finding its node.
        for _ in 0..<3 {
            let status: Int32
            (status, output) = try await control(["ctl", "--quiet", "eval", script])
            if status == 0 { break }
        }
        return try #require(Int(output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(output)")
    }

    private static func control(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let prefix = try #require(variable("CHARD_TEST_SERVICES"))
        process.arguments = ["-c", "\(prefix) \"$@\" 2>&1", "sh"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        let (ended, continuation) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        for await _ in ended {}
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        return (process.terminationStatus, text)
    }
}

extension AMQPPublisher {
    /// Declares a queue that goes with the publisher's connection.
    func declareOwnQueue(_ name: String, _ arguments: [String: AMQPArgument] = [:]) async throws {
        _ = try await perform { (connection, channel) throws(AMQPError) in
            try connection.declareQueue(
                name,
                durable: false,
                exclusive: true,
                arguments: arguments,
                channel: channel
            )
        }
    }

    func messageCount(_ queue: String) async throws -> Int {
        try await perform { (connection, channel) throws(AMQPError) in
            try connection.declareQueue(queue, passive: true, channel: channel).messages
        }
    }
}

extension AMQPMessage {
    static func to(_ queue: String, _ body: String = "{}") -> AMQPMessage {
        AMQPMessage(exchange: "", routingKey: queue, properties: [0, 0], body: Array(body.utf8))
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Keeps log lines, so that a test can wait for one.
final class LogLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(text: String, continuation: AsyncStream<Void>.Continuation)] = []
    }

    private let state = Mutex(State())

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    /// Returns when a line holds the text; false when none does in time.
    func wait(for text: String, within limit: Duration = .seconds(15)) async -> Bool {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        state.withLock { state in
            if state.lines.contains(where: { $0.contains(text) }) {
                continuation.yield()
            } else {
                state.waiters.append((text, continuation))
            }
        }
        let alarm = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        defer { alarm.cancel() }
        var iterator = stream.makeAsyncIterator()
        return await iterator.next() != nil
    }

    private func add(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            for waiter in state.waiters where line.contains(waiter.text) { waiter.continuation.yield() }
        }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add("\(event.message)") }
    }
}
