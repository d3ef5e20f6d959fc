import Foundation
import Sharding
import TenantStore

/// The `chard` executable of this build, with a queues.yaml for a test's shards.
struct ChardProgram: Sendable {
    private static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("chard").path
    private let settings: String

    init(_ shards: TestShards) throws {
        settings = NSTemporaryDirectory() + "chard-\(UUID().uuidString).yaml"
        var text = "shards:\n  partition_width: \(shards.layout.partitionWidth)\n  servers:\n"
        for server in shards.layout.servers {
            let ranges = server.tenants.map(\.description).joined(separator: ", ")
            text += "    \(server.name): {url: \"\(server.url)\", tenants: \"\(ranges)\"}\n"
        }
        try text.write(toFile: settings, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: settings) }

    /// Runs a command to its end, or kills it by SIGKILL when it takes longer.
    ///
    /// - Returns: Its exit status; that of a killed one is 9.
    @discardableResult
    func run(_ arguments: [String], killedAfter limit: Duration? = nil) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments + ["--config", settings]
        process.standardOutput = FileHandle.nullDevice
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        let pid = process.processIdentifier
        let killer = limit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                kill(pid, SIGKILL)
            }
        }
        for await _ in ends {}
        killer?.cancel()
        return process.terminationStatus
    }
}
