import Connections
import Foundation
import Glibc
import Synchronization
import Testing

/// A `redis-server` of a test's own on loopback, which can be killed and started again on the same port, without what it
/// held.
final class RedisServerProcess: @unchecked Sendable {
    // Used by one test at a time: `process` is only changed by that test's own calls, one after the other.
    static let executable = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static var isInstalled: Bool { executable != nil }
    static let reason: Comment = "redis-server is not installed"

    /// Each server of a run has another port; runs beside each other begin at different ones.
    private static let nextPort = Atomic<Int>(Int.random(in: 0..<2_000))

    let folder: URL
    let port: Int
    private let arguments: [String]
    private var process: Process?

    var url: RedisURL { RedisURL(endpoint: .tcp(host: "127.0.0.1", port: port)) }

    private init(port: Int, arguments: [String]) throws {
        self.port = port
        self.arguments = arguments
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("chard-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `body` with a fresh server, and ends the server afterwards.
    static func run<Result>(
        _ arguments: [String] = [],
        _ body: (RedisServerProcess) async throws -> Result
    ) async throws -> Result {
        let offset = nextPort.wrappingAdd(1, ordering: .relaxed).oldValue
        let server = try RedisServerProcess(port: 27_000 + offset % 2_000, arguments: arguments)
        defer { server.end() }
        try server.start()
        return try await body(server)
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.executable))
        process.arguments =
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", "no",
                "--logfile", folder.appendingPathComponent("log").path,
            ] + arguments
        try process.run()
        self.process = process
    }

    func kill() {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    private func end() {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }
}
