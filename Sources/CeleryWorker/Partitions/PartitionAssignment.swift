/// Which worker serves which partition.
///
/// A pure value, so that every worker comes to the same answer from the same state. As few partitions move as can be:
/// when a worker goes only its own do, when one comes only those that it gets.
package struct PartitionAssignment: Sendable, Hashable {
    /// Worker by partition; a partition that is missing has none.
    package var owners: [Int: String]

    package init(_ owners: [Int: String] = [:]) { self.owners = owners }

    /// The partitions of a worker.
    package func partitions(of worker: String) -> Set<Int> { Set(owners.filter { $0.value == worker }.keys) }

    /// The assignment for those workers: every partition has one of them, and none serves more than one partition more
    /// than another.
    ///
    /// - Parameters:
    ///   - count: How many partitions there are.
    ///   - workers: Those that are there; without any, nothing is assigned.
    ///   - claims: Partitions that workers serve although nobody is known to own them: Redis may have lost its data.
    package func balanced(count: Int, workers: [String], claims: [Int: String] = [:]) -> PartitionAssignment {
        var shares = Set(workers).sorted().map { Share(worker: $0) }
        guard !shares.isEmpty else { return PartitionAssignment() }
        var free: [Int] = []
        for partition in 0..<count {
            let candidates = [owners[partition], claims[partition]].compactMap { $0 }
            let keeper = candidates.lazy.compactMap { name in shares.firstIndex { $0.worker == name } }.first
            if let keeper { shares[keeper].partitions.append(partition) } else { free.append(partition) }
        }
        for partition in free { shares[Self.least(shares)].partitions.append(partition) }
        while true {
            let (from, to) = (Self.most(shares), Self.least(shares))
            guard shares[from].partitions.count > shares[to].partitions.count + 1 else { break }
            shares[to].partitions.append(shares[from].partitions.removeLast())
        }
        return PartitionAssignment(
            Dictionary(uniqueKeysWithValues: shares.flatMap { share in share.partitions.map { ($0, share.worker) } })
        )
    }

    private struct Share {
        var worker: String
        var partitions: [Int] = []
    }

    /// The first of those with the fewest.
    private static func least(_ shares: [Share]) -> Int {
        shares.indices.min { shares[$0].partitions.count < shares[$1].partitions.count } ?? 0
    }

    /// The last of those with the most.
    private static func most(_ shares: [Share]) -> Int {
        shares.indices.max { shares[$0].partitions.count < shares[$1].partitions.count } ?? 0
    }
}
