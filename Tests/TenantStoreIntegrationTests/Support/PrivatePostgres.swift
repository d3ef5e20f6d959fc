import Connections
import Foundation

/// A PostgreSQL server of one test's own, to be killed: the others' must stay up.
struct PrivatePostgres: Sendable {
    private static let binaries: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.max().map { "\(root)/\($0)/bin" }
    }()
    static let isInstalled = binaries != nil

    let url: PostgresURL
    private let folder: String

    /// Makes a cluster, on a port that is free now, and starts it.
    init() async throws {
        folder = NSTemporaryDirectory() + "chard-pg-\(UUID().uuidString.prefix(8))"
        var port = 0
        for line in try await Self.shell(
            "/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])'"
        ) {
            port = Int(line) ?? port
        }
        url = PostgresURL(host: "127.0.0.1", port: port, user: "postgres", database: "postgres")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = try await Self.shell("[ $(id -u) != 0 ] || chown postgres: \(folder)")
        try await asServer("initdb -D \(folder)/data -U postgres --auth=trust --encoding=UTF8 --no-sync")
        try await start()
    }

    func start() async throws {
        let options = "-p \(url.port) -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=32MB"
        try await asServer("pg_ctl -D \(folder)/data -w -t 30 -l \(folder)/log -o '\(options)' start")
    }

    /// kill -9 of the server; its children end by themselves. Returns when it is gone.
    func kill() async throws {
        _ = try await Self.shell(
            """
            pid=$(head -1 \(folder)/data/postmaster.pid); kill -9 $pid
            for n in $(seq 200); do [ -e /proc/$pid ] || exit 0; sleep 0.05; done; exit 1
            """
        )
    }

    func remove() async {
        try? await asServer("pg_ctl -D \(folder)/data -m immediate stop")
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Not as root, which PostgreSQL refuses.
    private func asServer(_ command: String) async throws {
        let drop = "setpriv --reuid=postgres --regid=postgres --init-groups"
        let run = "cd /; export LC_ALL=C.UTF-8; if [ $(id -u) = 0 ]; then drop='\(drop)'; fi; "
        _ = try await Self.shell(run + "$drop \(Self.binaries ?? "")/\(command) </dev/null >/dev/null 2>&1")
    }

    private static func shell(_ command: String) async throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        for await _ in ends {}
        guard process.terminationStatus == 0 else { throw LedgerError(text: "failed: \(command)") }
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: "\n").map(
            String.init
        )
    }
}
