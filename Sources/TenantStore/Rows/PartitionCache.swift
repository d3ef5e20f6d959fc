import Synchronization

/// The partitions of a server that this process has seen to be there.
final class PartitionCache: Sendable {
    /// A partition and the tenants it holds.
    struct Partition: Sendable {
        let first: Int
        let last: Int
        /// Quoted for SQL, with its schema.
        let name: String
    }

    private let known = Mutex<[Partition]>([])

    func partition(of tenant: Int) -> Partition? {
        known.withLock { known in
            let index = Self.index(of: tenant, in: known)
            return index < known.count && known[index].first <= tenant ? known[index] : nil
        }
    }

    func add(_ partition: Partition) {
        known.withLock { known in
            known.removeAll { $0.first <= partition.last && partition.first <= $0.last }
            known.insert(partition, at: Self.index(of: partition.first, in: known))
        }
    }

    /// Forgets what a server says is not there.
    func remove(partitionOf tenant: Int) {
        known.withLock { $0.removeAll { $0.first <= tenant && tenant <= $0.last } }
    }

    /// Of the first that ends at `tenant` or above it.
    private static func index(of tenant: Int, in known: [Partition]) -> Int {
        var low = 0
        var high = known.count
        while low < high {
            let middle = (low + high) / 2
            if known[middle].last < tenant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
