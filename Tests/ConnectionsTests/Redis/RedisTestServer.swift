import Foundation
import Glibc
import Synchronization
import Testing

@testable import Connections

/// A `redis-server` of a test's own on loopback, which can be killed, stopped and started again with the same port.
final class RedisTestServer: @unchecked Sendable {
    // Used by one test at a time: `process` is only changed by that test's own calls, one after the other.
    static let executable = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static var isInstalled: Bool { executable != nil }

    /// Each server of a run has another port; runs beside each other begin at different ones.
    private static let nextPort = Atomic<Int>(Int.random(in: 0..<2_700))

    let folder: URL
    let port: Int
    private let extraArguments: [String]
    private var process: Process?

    var socketPath: String { folder.appendingPathComponent("s").path }
    var url: RedisURL { RedisURL(endpoint: .tcp(host: "127.0.0.1", port: port)) }
    var socketURL: RedisURL { RedisURL(endpoint: .unix(path: socketPath)) }

    private init(port: Int, arguments: [String]) throws {
        self.port = port
        extraArguments = arguments
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("chard-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `body` with a fresh server, and ends the server afterwards.
    static func run<Result>(
        _ arguments: [String] = [],
        _ body: (RedisTestServer) async throws -> Result
    ) async throws -> Result {
        let offset = nextPort.wrappingAdd(1, ordering: .relaxed).oldValue
        let server = try RedisTestServer(port: 30_000 + offset % 2_700, arguments: arguments)
        defer { server.end() }
        try server.start()
        return try await body(server)
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.executable))
        process.arguments =
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir", folder.path,
                "--save", "", "--appendonly", "no", "--logfile", folder.appendingPathComponent("log").path,
            ] + extraArguments
        try process.run()
        self.process = process
    }

    func kill() {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    /// The process hangs; its sockets stay open.
    func freeze() { signal(SIGSTOP) }
    func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        if let process { Glibc.kill(process.processIdentifier, number) }
    }

    private func end() {
        thaw()
        kill()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// The Redis that the test run was given.
enum RedisUnderTest {
    static let text = ProcessInfo.processInfo.environment["CHARD_TEST_REDIS_URL"]
    static let isMissing = text == nil
    static let reason: Comment = "CHARD_TEST_REDIS_URL is not set; `make test` starts a Redis and sets it"
    static let noServer: Comment = "redis-server is not installed"

    static var url: RedisURL {
        get throws { try RedisURL(try #require(text)) }
    }

    /// A key that no other test uses.
    static func key(_ name: String = "key") -> String { "chard-test:\(UUID().uuidString):\(name)" }

    /// Runs `body` with a client, and closes it afterwards.
    static func client<Result>(
        _ url: RedisURL,
        timeout: Duration = .seconds(10),
        _ adjust: (inout RedisClientOptions) -> Void = { _ in },
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        var options = RedisClientOptions(timeout: timeout)
        adjust(&options)
        let client = RedisClient(url: url, options: options)
        defer { client.close() }
        return try await body(client)
    }
}
