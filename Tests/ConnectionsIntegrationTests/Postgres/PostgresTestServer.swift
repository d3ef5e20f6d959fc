import Foundation
import Glibc
import Synchronization
import Testing

@testable import Connections

/// A PostgreSQL of a test's own on loopback, which can be killed, frozen, stopped and started again with the same port.
///
/// The server refuses to run as root, so that root becomes the user `postgres` for it.
final class PostgresTestServer: @unchecked Sendable {
    // Used by one test at a time: `process` is only changed by that test's own calls, one after the other.
    private static let binaries = (10...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }.first {
        FileManager.default.isExecutableFile(atPath: $0 + "/initdb")
    }
    static var isInstalled: Bool { binaries != nil }
    static let reason: Comment = "PostgreSQL's server is not installed in /usr/lib/postgresql"

    /// Each server of a run has another port; runs beside each other begin at different ones.
    private static let nextPort = Atomic<Int>(Int.random(in: 0..<2_000))
    /// The user `careful` must know this password; everybody else is trusted.
    static let password = "s3cr3t-Grüße"

    private let folder: URL
    private let port: Int
    private var process: Process?

    var url: PostgresURL { PostgresURL(host: "127.0.0.1", port: port, user: "postgres", database: "postgres") }
    var certificate: String { folder.appendingPathComponent("data/server.crt").path }
    private var data: String { folder.appendingPathComponent("data").path }

    private init() throws {
        port = 27_000 + Self.nextPort.wrappingAdd(1, ordering: .relaxed).oldValue % 2_700
        folder = URL(fileURLWithPath: "/tmp/chard-pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `body` with a fresh server, and ends the server afterwards.
    static func run<Result>(_ body: (PostgresTestServer) async throws -> Result) async throws -> Result {
        let server = try PostgresTestServer()
        defer { server.end() }
        try server.configure()
        try await server.start()
        return try await body(server)
    }

    /// The data of a fresh server, made once in a run: `initdb` takes longer than most tests.
    private static let template = Result {
        let server = try PostgresTestServer()
        atexit { PostgresTestServer.removeTemplate() }
        try server.initialize()
        return server.folder
    }

    private static func removeTemplate() {
        if let folder = try? template.get() { try? FileManager.default.removeItem(at: folder) }
    }

    private func initialize() throws {
        if getuid() == 0 { try run("/bin/chown", "postgres:", folder.path) }
        try asServer("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        let key = ["-keyout", data + "/server.key", "-out", data + "/server.crt", "-subj", "/CN=localhost"]
        try run("/usr/bin/openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"] + key)
        if getuid() == 0 { try run("/bin/chown", ["postgres:", data + "/server.key", data + "/server.crt"]) }
    }

    private func configure() throws {
        try run("/bin/cp", "-a", try Self.template.get().path + "/.", folder.path)
        let settings = """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = '\(folder.path)'
            shared_buffers = 16MB
            max_connections = 20
            fsync = off
            ssl = on
            password_encryption = 'scram-sha-256'
            """
        try settings.write(toFile: data + "/postgresql.auto.conf", atomically: false, encoding: .utf8)
        let rules = """
            local all all trust
            host all careful 127.0.0.1/32 scram-sha-256
            host all all 127.0.0.1/32 trust
            """
        try rules.write(toFile: data + "/pg_hba.conf", atomically: false, encoding: .utf8)
    }

    /// Starts it, and waits until it takes connections.
    func start() async throws {
        let process = try make("postgres", ["-D", data])
        try process.run()
        self.process = process
        let end = MonotonicTime.now.advanced(by: .seconds(30))
        while try finish(make("pg_isready", ["-q", "-h", folder.path, "-p", "\(port)"])) != 0 {
            try #require(MonotonicTime.now < end && process.isRunning, "the server did not start: \(log)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Kills the server and every process of it.
    func kill() {
        guard let process else { return }
        signal(SIGKILL)
        process.waitUntilExit()
        self.process = nil
        // Until the last of them is gone, a new server finds their shared memory in use.
        let end = MonotonicTime.now.advanced(by: .seconds(10))
        while !children(of: process.processIdentifier).isEmpty, MonotonicTime.now < end { usleep(1_000) }
    }

    /// Every process of it hangs; the sockets stay open.
    func freeze() { signal(SIGSTOP) }
    func thaw() { signal(SIGCONT) }

    /// Ends it as an administrator does; sessions are told so.
    func stop() {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        self.process = nil
    }

    private func signal(_ number: Int32) {
        guard let process else { return }
        let server = process.processIdentifier
        // The parent first, lest it makes new ones.
        let rest = children(of: server)
        Glibc.kill(server, number)
        for child in rest + children(of: server) { Glibc.kill(child, number) }
    }

    private func children(of parent: Int32) -> [Int32] {
        let text = try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
        return (text ?? "").split(separator: " ").compactMap { Int32($0) }
    }

    private func end() {
        thaw()
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    private var log: String {
        (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    private func asServer(_ tool: String, _ arguments: String...) throws {
        try #require(try finish(make(tool, arguments)) == 0, "\(tool) failed: \(log)")
    }

    private func run(_ tool: String, _ arguments: String...) throws { try run(tool, arguments) }

    private func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try #require(try finish(process) == 0, "\(tool) \(arguments) failed")
    }

    private func make(_ tool: String, _ arguments: [String]) throws -> Process {
        let path = try #require(Self.binaries) + "/" + tool
        let process = Process()
        let isRoot = getuid() == 0
        process.executableURL = URL(fileURLWithPath: isRoot ? "/usr/bin/setpriv" : path)
        let user = ["--reuid=postgres", "--regid=postgres", "--init-groups", path]
        process.arguments = (isRoot ? user : []) + arguments
        process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = folder
        let log = folder.appendingPathComponent("log")
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        return process
    }

    private func finish(_ process: Process) throws -> Int32 {
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
