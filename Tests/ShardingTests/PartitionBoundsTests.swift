import Sharding
import Testing

@Suite struct PartitionBoundsTests {
    @Test func partitionsBeginAtMultiplesOfTheWidth() {
        let bounds = [0, 999, 1_000, 1_999].map { PartitionBounds(of: $0, width: 1_000) }
        #expect(bounds.map(\.first) == [0, 0, 1_000, 1_000])
        #expect(bounds.map(\.last) == [999, 999, 1_999, 1_999])
        #expect(bounds[0].next(width: 1_000) == bounds[2])
    }

    @Test func theLastPartitionEndsWithTheLastTenant() {
        let bounds = PartitionBounds(of: 2_147_483_647, width: 1_000)
        #expect(bounds.first == 2_147_483_000)
        #expect(bounds.last == 2_147_483_647)
        #expect(bounds.next(width: 1_000) == nil)
    }

    @Test func aWidthThatMakesNoSenseIsOne() {
        #expect(PartitionBounds(of: 5, width: 0) == PartitionBounds(of: 5, width: 1))
        #expect(PartitionBounds(of: 5, width: 1).last == 5)
    }
}
