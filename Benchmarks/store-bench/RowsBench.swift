import ArgumentParser
import Connections
import Foundation
import Logging
import Sharding
import TenantStore

/// Rows a second into the partitioned table: by `TenantRows`, and by `psql`'s COPY of the same rows into the same table.
///
/// Both take turns on one database of their own; each round begins with empty tables, and ends when the rows are
/// committed. `psql` reads a file that was written before, and copies straight into the table, as its superuser: without
/// roles, row-level security and the record that a task has written.
struct RowsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rows", abstract: "Rows ingested a second.")

    @Option(help: "The server; a database is made there and dropped.")
    var url = "postgres://postgres@127.0.0.1:5432/postgres"
    @Option(help: "Rows of each round.") var rows = 200_000
    @Option(help: "Rows of one task.") var batch = 10_000
    @Option(help: "Bytes of a row's data.") var bytes = 200
    @Option(help: "Tasks that write at a time.") var tasks = 1
    @Option(help: "Rounds of each kind.") var rounds = 7

    func run() async throws {
        let server = try PostgresURL(url)
        let name = "bench_\(UUID().uuidString.prefix(8).lowercased())"
        try await Self.script(server, "CREATE DATABASE \(name)")
        var own = server
        own.database = name
        do {
            try await measure(own)
        } catch {
            try? await Self.script(server, "DROP DATABASE \(name) WITH (FORCE)")
            throw error
        }
        try await Self.script(server, "DROP DATABASE \(name) WITH (FORCE)")
    }

    private func measure(_ url: PostgresURL) async throws {
        let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        var layout = try TenantLayout(servers: [.init(name: "bench", url: url, tenants: [.all])])
        layout.poolSize = max(1, tasks)
        _ = try await ShardSetup(layout, logger: quiet).run()
        let store = TenantRows(layout, pool: "bench", logger: quiet)
        // Makes the partition.
        _ = try await store.insert(Array(data(0).prefix(1)), tenant: 1, task: "first")
        let file = NSTemporaryDirectory() + "\(url.database ?? "rows").copy"
        try Data(copyText().utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let batches = (0..<(rows / batch)).map(data)
        var ratios: [Double] = []
        var rates: [(store: Double, psql: Double)] = []
        for round in 0..<rounds {
            let plainFirst = round % 2 == 0
            var psql = plainFirst ? try await plain(url, file) : 0
            let ours = try await ingest(store, batches, url, round)
            if !plainFirst { psql = try await plain(url, file) }
            rates.append((ours, psql))
            ratios.append(ours / psql)
        }
        await store.close()
        print(
            "rows: TenantRows, \(batch) rows a task, \(tasks) at a time, \(bytes) bytes: median "
                + "\(Int(Self.median(rates.map(\.store))))/s; psql COPY: median \(Int(Self.median(rates.map(\.psql))))/s; "
                + "ratio: median \(Self.shown(Self.median(ratios))), lowest \(Self.shown(ratios.min() ?? 0)), highest "
                + "\(Self.shown(ratios.max() ?? 0))"
        )
    }

    // MARK: The two ways

    private func ingest(
        _ store: TenantRows,
        _ batches: [[NewTenantRow]],
        _ url: PostgresURL,
        _ round: Int
    ) async throws -> Double {
        try await Self.empty(url)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var written = 0
                    for number in stride(from: task, to: batches.count, by: tasks) {
                        written += try await store.insert(batches[number], tenant: 1, task: "\(round)-\(number)")
                    }
                    return written
                }
            }
            let written = try await group.reduce(0, +)
            guard written == batches.count * batch else { throw ValidationError("\(written) rows were written") }
        }
        return Double(batches.count * batch) / (start.duration(to: .now) / .seconds(1))
    }

    private func plain(_ url: PostgresURL, _ file: String) async throws -> Double {
        try await Self.empty(url)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", url.host, "-p", "\(url.port)", "-U",
            url.user ?? "postgres",
            "-d", url.database ?? "", "-c",
            "\\copy public.agent_data (agent_id, tenant_id, data, task_id) FROM '\(file)'",
        ]
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        let start = ContinuousClock.now
        try process.run()
        for await _ in ends {}
        let time = start.duration(to: .now)
        guard process.terminationStatus == 0 else { throw ValidationError("psql failed") }
        return Double(rows / batch * batch) / (time / .seconds(1))
    }

    // MARK: Data

    private func data(_ number: Int) -> [NewTenantRow] {
        (0..<batch).map { NewTenantRow(agentID: agent($0), data: json(number * batch + $0)) }
    }

    private func agent(_ number: Int) -> UUID {
        let low = UInt8(truncatingIfNeeded: number)
        return UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, low))
    }

    private func json(_ number: Int) -> String {
        let start = "{\"number\": \(number), \"kind\": \"measurement\", \"text\": \""
        return start + String(repeating: "x", count: max(0, bytes - start.utf8.count - 2)) + "\"}"
    }

    private func copyText() -> String {
        var text = ""
        for number in 0..<(rows / batch * batch) {
            text += "\(agent(number % batch).uuidString)\t1\t\(json(number))\t0-\(number / batch)\n"
        }
        return text
    }

    // MARK: Help

    private static func empty(_ url: PostgresURL) async throws {
        try await script(url, "TRUNCATE public.agent_data, chard.task_writes; CHECKPOINT")
    }

    private static func script(_ url: PostgresURL, _ sql: String) async throws {
        let pool = PostgresPool(
            url,
            options: .init(size: 1),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        do {
            try await pool.withConnection { connection in
                for statement in sql.split(separator: ";") { try await connection.script(String(statement)) }
            }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    private static func median(_ numbers: [Double]) -> Double {
        numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2]
    }

    private static func shown(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
