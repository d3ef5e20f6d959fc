import ArgumentParser
import Connections
import Foundation
import Logging
import TenantStore

/// Upserts and searches through `Vectors`, beside the same requests to Chroma with bodies that are ready, over the same
/// HTTP client. Each round does both kinds in turn, so that what the machine does besides hits both.
struct VectorsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Vector upserts and searches a second, beside calling Chroma directly."
    )

    @Option(help: "The Chroma server, as http://host:port.") var url = "http://127.0.0.1:8000"
    @Option(help: "Elements of a vector.") var dimension = 384
    @Option(help: "Points of one upsert.") var batch = 100
    @Option(help: "Upserts of each round.") var upserts = 10
    @Option(help: "Searches of each round.") var searches = 100
    @Option(help: "Rounds of each kind.") var rounds = 9

    func run() async throws {
        let name = "bench-\(UUID().uuidString.lowercased())"
        let vectors = try vectors()
        let direct = DirectChroma(url: url)
        var samples: [String: [Double]] = [:]
        let seed = points(batch)
        try await vectors.upsert(seed, into: name)
        try await direct.make(name + "-direct")
        try await direct.upsert(direct.body(seed))
        for _ in 0..<rounds {
            for size in [1, batch] {
                let sets = (0..<upserts).map { _ in points(size) }
                let bodies = sets.map(direct.body)
                samples["upsert of \(size)", default: []] += try await each(sets) {
                    try await vectors.upsert($0, into: name)
                }
                samples["upsert of \(size), direct", default: []] += try await each(bodies, direct.upsert)
            }
            let queries = points(searches).map(\.vector)
            samples["search", default: []] += try await each(queries) {
                guard try await vectors.search($0, in: name, limit: 10).count == 10 else {
                    throw ValidationError("a search found less than 10 points")
                }
            }
            samples["search, direct", default: []] += try await each(queries.map(direct.query), direct.search)
        }
        try await vectors.deleteCollection(name)
        try await direct.remove()
        report(samples)
    }

    private func vectors() throws -> Vectors {
        let store = VectorStoreFactory.store(
            name: "one",
            url: try VectorStoreURL(url.replacing("http://", with: "chroma://")),
            key: nil,
            timeout: .seconds(30)
        )
        return Vectors(
            [store],
            options: VectorsOptions(layout: VectorLayout(routing: .md5Modulo, stores: ["one"])),
            coordination: nil,
            logger: Logger(label: "bench")
        )
    }

    private func points(_ count: Int) -> [VectorPoint] {
        (0..<count).map { number in
            VectorPoint(
                id: UUID().uuidString,
                vector: (0..<dimension).map { _ in Float.random(in: -0.15...0.15) },
                document: "some text that was indexed, number \(number)",
                metadata: ["tenant": 7, "number": .int(number)]
            )
        }
    }

    /// Milliseconds of each.
    private func each<Item>(_ items: [Item], _ body: (Item) async throws -> Void) async throws -> [Double] {
        var times: [Double] = []
        for item in items {
            let time = try await ContinuousClock().measure { try await body(item) }
            times.append(time / .milliseconds(1))
        }
        return times
    }

    private func report(_ samples: [String: [Double]]) {
        func median(_ name: String) -> Double {
            let times = (samples[name] ?? []).sorted()
            return times.isEmpty ? .nan : times[times.count / 2]
        }
        for (what, size) in [("upsert of 1", 1), ("upsert of \(batch)", batch), ("search", 1)] {
            let (ours, plain) = (median(what), median("\(what), direct"))
            let line = String(
                format: "vectors: %@, %d elements: median %.2f ms (%.0f/s), direct %.2f ms (%.0f/s), added %.2f ms",
                what,
                dimension,
                ours,
                Double(size) / ours * 1_000,
                plain,
                Double(size) / plain * 1_000,
                ours - plain
            )
            print(line)
        }
    }
}
