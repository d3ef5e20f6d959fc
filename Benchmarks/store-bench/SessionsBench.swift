import ArgumentParser
import Connections
import Logging
import TenantStore

/// Session creations a second on one Redis: in pipelined batches, and one by one from many tasks.
struct SessionsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sessions", abstract: "Session creations a second.")

    @Option(help: "The Redis; what is made there disappears after a minute.") var url = "redis://127.0.0.1:6379/0"
    @Option(help: "Sessions of each round.") var sessions = 200_000
    @Option(help: "Bytes of a session's data.") var bytes = 200
    @Option(help: "Sessions of one call of createMany.") var batch = 10_000
    @Option(help: "Tasks that create one by one.") var tasks = 512
    @Option(help: "Rounds of each kind.") var rounds = 9

    func run() async throws {
        let store = StateStore(url: try RedisURL(url), node: "bench", logger: Logger(label: "bench"))
        try await store.ping()
        var pipelined: [Sample] = []
        var single: [Sample] = []
        for round in 0..<rounds {
            pipelined.append(try await measure { try await createMany(store, round) })
            single.append(try await measure { try await createEach(store, round) })
        }
        report("createMany, \(batch) a call", pipelined)
        report("create, \(tasks) tasks", single)
        await store.close()
    }

    /// One round: sessions and microseconds of this process's processor a second.
    private struct Sample {
        var rate: Double
        var cost: Double
    }

    private func measure(_ body: () async throws -> Void) async throws -> Sample {
        let before = Self.processorSeconds
        let time = try await ContinuousClock().measure { try await body() }
        let count = Double(sessions)
        return Sample(rate: count / (time / .seconds(1)), cost: (Self.processorSeconds - before) / count * 1e6)
    }

    private static var processorSeconds: Double {
        ProcessUsage.current.map { $0.userTime + $0.systemTime } ?? 0
    }

    private func report(_ what: String, _ samples: [Sample]) {
        let rates = samples.map(\.rate).sorted()
        let costs = samples.map(\.cost).sorted()
        let middle = rates.count / 2
        print(
            "sessions: \(what), \(bytes) bytes: median \(Int(rates[middle]))/s, lowest \(Int(rates[0])), "
                + "highest \(Int(rates[rates.count - 1])), \((costs[middle] * 100).rounded() / 100) µs of CPU each"
        )
    }

    // MARK: Creating

    /// Ids as clients make them: no two alike, of the length of a UUID.
    private func id(_ kind: String, _ round: Int, _ number: Int) -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(kind)\(round)-\(number)-\(digits)"
    }

    private func createMany(_ store: StateStore, _ round: Int) async throws {
        let data = [UInt8](repeating: 120, count: bytes)
        for start in stride(from: 0, to: sessions, by: batch) {
            let part = (start..<min(sessions, start + batch)).map { (name: id("m", round, $0), data: data) }
            let existing = try await store.sessions.createMany(part, ttl: .seconds(60))
            guard existing.isEmpty else { throw ValidationError("\(existing.count) sessions existed already") }
        }
    }

    private func createEach(_ store: StateStore, _ round: Int) async throws {
        let data = [UInt8](repeating: 120, count: bytes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for number in stride(from: task, to: sessions, by: tasks) {
                        try await store.sessions.create(id("s", round, number), data, ttl: .seconds(60))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
