import Testing

@testable import Sharding

struct ConsistentHashRingTests {
    private static let names = (0..<20_000).map { "tenant-\($0)-docs" }

    @Test(arguments: 1...8)
    func addingAStoreMovesItsShareAndOnlyToItself(count: Int) {
        let before = ConsistentHashRing(stores: (0..<count).map { "store\($0)" })
        let after = ConsistentHashRing(stores: (0...count).map { "store\($0)" })
        let moved = Self.names.filter { before.store(for: $0) != after.store(for: $0) }
        let share = Double(moved.count) / Double(Self.names.count)
        let ideal = 1 / Double(count + 1)
        #expect(abs(share - ideal) < 0.25 * ideal, "\(share) of the names moved, 1/\(count + 1) should")
        #expect(moved.allSatisfy { after.store(for: $0) == "store\(count)" })
    }

    @Test func removingAStoreMovesOnlyItsNames() {
        let before = ConsistentHashRing(stores: ["a", "b", "c", "d"])
        let after = ConsistentHashRing(stores: ["a", "c", "d"])
        for name in Self.names where before.store(for: name) != "b" {
            #expect(before.store(for: name) == after.store(for: name))
        }
        #expect(Set(Self.names.filter { before.store(for: $0) == "b" }.map(after.store(for:))) == ["a", "c", "d"])
    }

    @Test func orderAndRepetitionOfStoresDoNotMatter() {
        let one = ConsistentHashRing(stores: ["a", "b", "c"])
        let other = ConsistentHashRing(stores: ["c", "a", "b", "a"])
        #expect(Self.names.allSatisfy { one.store(for: $0) == other.store(for: $0) })
    }

    @Test func sharesAreEven() {
        let ring = ConsistentHashRing(stores: ["a", "b", "c", "d", "e"])
        let counts = Dictionary(grouping: Self.names, by: ring.store(for:)).mapValues(\.count)
        #expect(counts.count == 5)
        for (store, count) in counts { #expect(abs(count - 4_000) < 1_000, "\(store) has \(count) of 20,000") }
    }

    /// Places are part of what stays the same between versions: another answer would make every name a stranger.
    @Test func staysWhereItIs() {
        let ring = ConsistentHashRing(stores: ["one", "two", "three"])
        let homes = ["docs", "tenant-1-docs", "tenant-2-docs", "😀", ""].map(ring.store(for:))
        #expect(homes == ["one", "one", "two", "two", "three"])
    }
}
