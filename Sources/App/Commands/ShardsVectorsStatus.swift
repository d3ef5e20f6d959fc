import ArgumentParser
import CeleryWorker
import TenantStore

/// `chard shards vectors status`: what the vector stores hold.
struct ShardsVectorsStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the vector stores and their collections. Exit status 1 if one does not answer."
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: .long, help: "A JSON object instead of tables.")
    var json = false

    func run() async throws {
        let status = try await VectorStatus.of(try settings.load().vectors(logger: .errorsOnly))
        if json {
            print(String(decoding: JSONWriter.bytes(Self.value(status)), as: UTF8.self))
        } else {
            Self.show(status)
        }
        if status.stores.contains(where: { $0.problem != nil }) { throw ExitCode.failure }
    }

    private static func show(_ status: VectorStatus) {
        print("in force: \(status.inForce)")
        if let pending = status.pending {
            print("pending:  \(pending); `chard shards vectors rebalance` goes on with it")
        } else if status.wanted != status.inForce {
            print("settings: \(status.wanted); `chard shards vectors rebalance` puts it in force")
        }
        for store in status.stores {
            print("\n\(store.name)  \(store.address)")
            if let problem = store.problem {
                print("  PROBLEM: \(problem)")
                continue
            }
            let points = store.collections.reduce(0) { $0 + $1.points }
            print("  \(store.collections.count) collections, \(points) points")
            guard !store.collections.isEmpty else { continue }
            var table = TextTable("collection", "points", "dimension", "metric", "")
            for collection in store.collections {
                table.add(
                    collection.name,
                    "\(collection.points)",
                    collection.dimension.map { "\($0)" } ?? "?",
                    collection.metric.rawValue,
                    collection.belongsHere ? (collection.isSpread ? "spread" : "") : "belongs elsewhere"
                )
            }
            table.show(indent: "  ")
        }
    }

    private static func value(_ status: VectorStatus) -> CeleryValue {
        [
            "in_force": layout(status.inForce),
            "pending": status.pending.map(layout) ?? .null,
            "settings": layout(status.wanted),
            "stores": .array(status.stores.map(value)),
        ]
    }

    private static func layout(_ layout: VectorLayout) -> CeleryValue {
        [
            "routing": .string(layout.routing.rawValue),
            "stores": .array(layout.stores.map(CeleryValue.string)),
            "spread": .array(layout.spread.map(CeleryValue.string)),
        ]
    }

    private static func value(_ store: VectorStatus.Store) -> CeleryValue {
        [
            "name": .string(store.name),
            "url": .string(store.address),
            "problem": store.problem.map(CeleryValue.string) ?? .null,
            "collections": .array(
                store.collections.map {
                    [
                        "name": .string($0.name), "points": .int($0.points),
                        "dimension": $0.dimension.map { .int($0) } ?? .null,
                        "metric": .string($0.metric.rawValue), "belongs_here": .bool($0.belongsHere),
                        "spread": .bool($0.isSpread),
                    ]
                }
            ),
        ]
    }
}
