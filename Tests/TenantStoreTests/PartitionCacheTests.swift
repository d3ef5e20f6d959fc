import Testing

@testable import TenantStore

@Suite struct PartitionCacheTests {
    @Test func aTenantFindsItsPartition() {
        let cache = PartitionCache()
        for first in [2_000, 0, 1_000] {
            cache.add(.init(first: first, last: first + 999, name: "p\(first)"))
        }
        #expect(
            [0, 999, 1_000, 2_999, 3_000].map { cache.partition(of: $0)?.name } == ["p0", "p0", "p1000", "p2000", nil]
        )
        cache.remove(partitionOf: 1_500)
        #expect(cache.partition(of: 1_000) == nil)
        cache.add(.init(first: 500, last: 1_499, name: "other"))
        #expect([0, 999, 1_499, 1_500].map { cache.partition(of: $0)?.name } == [nil, "other", "other", nil])
    }
}
