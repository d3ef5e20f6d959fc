import Connections
import Logging

@testable import TenantStore

/// Stores in memory, and workers that use them.
struct VectorCluster {
    let stores: [MemoryVectorStore]
    let coordination = MemoryCoordination()

    init(_ names: String...) { stores = names.map(MemoryVectorStore.init) }

    /// A worker, or a rebalance, with settings of its own. One that dies has short leases, so that it holds nobody up for
    /// long; others have such that do not lapse when other tests keep the machine busy.
    func worker(_ layout: VectorLayout, life: Life = Life()) -> Vectors {
        var options = VectorsOptions(layout: layout)
        options.callTimeout = .milliseconds(life.isEndless ? 200 : 3)
        options.stateLifetime = .milliseconds(2)
        options.rebalanceLease = .milliseconds(life.isEndless ? 10_000 : 20)
        options.moveWait = .seconds(20)
        options.moveBatch = 7
        return Vectors(
            stores.map { MortalStore(base: $0, life: life) },
            options: options,
            coordination: MortalCoordination(base: coordination, life: life),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// Where each point of the collection is, with copies.
    func places(_ collection: String) async throws -> [String: [String]] {
        var places: [String: [String]] = [:]
        for store in stores where try await store.describe(collection) != nil {
            for id in try await store.ids(in: collection) { places[id, default: []].append(store.name) }
        }
        return places
    }
}

/// A vector of three that is different for every number, with many equal scores among small ones.
func vector(_ number: Int) -> [Float] { [1, Float(number % 7), Float(number % 5)] }

func point(_ number: Int, version: Int = 0) -> VectorPoint {
    VectorPoint(id: "p\(number)", vector: vector(number), document: "v\(version)", metadata: ["n": .int(number)])
}
