import Testing

@testable import TenantStore

struct VectorLayoutTests {
    @Test(arguments: [
        ("docs-*", "docs-1", true), ("docs-*", "docs-", true), ("docs-*", "docs", false), ("*", "x", true),
        ("*-docs", "tenant-1-docs", true), ("*-docs", "tenant-1-docs2", false), ("a*b*c", "axxbyybc", true),
        ("a*b*c", "axxbyyb", false), ("abc", "abc", true), ("abc", "abcd", false),
    ])
    func spreadsByPattern(pattern: String, name: String, isSpread: Bool) {
        let layout = VectorLayout(routing: .md5Modulo, stores: ["a", "b"], spread: ["never", pattern])
        #expect(layout.spreads(name) == isSpread)
    }

    @Test func orderMattersForModuloOnly() {
        func layout(_ routing: VectorLayout.Routing, _ stores: [String]) -> VectorLayout {
            VectorLayout(routing: routing, stores: stores)
        }
        #expect(layout(.consistent, ["a", "b"]) == layout(.consistent, ["b", "a"]))
        #expect(layout(.md5Modulo, ["a", "b"]) != layout(.md5Modulo, ["b", "a"]))
    }

    @Test func aCollectionLivesOnOneStoreUnlessItIsSpread() {
        let placement = VectorPlacement(VectorLayout(routing: .consistent, stores: ["a", "b", "c"], spread: ["big*"]))
        let small = placement.owners(in: "small")
        let big = placement.owners(in: "big1")
        let ids = (0..<300).map { "p\($0)" }
        #expect(Set(ids.map(small)) == Set(placement.stores(of: "small")))
        #expect(placement.stores(of: "small").count == 1)
        #expect(Set(ids.map(big)) == ["a", "b", "c"])
    }
}
