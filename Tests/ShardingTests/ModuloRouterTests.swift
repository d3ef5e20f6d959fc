import Testing

@testable import Sharding

struct ModuloRouterTests {
    /// Made by `int(hashlib.md5(name.encode()).hexdigest(), 16) % n` in Python 3.11, for these n.
    private static let divisors = [1, 2, 3, 5, 7, 16, 1000, 4_294_967_296]
    private static let expected: [(name: String, remainders: [Int])] = [
        ("", [0, 0, 0, 1, 1, 14, 366, 3_975_692_926]),
        ("a", [0, 1, 1, 2, 0, 1, 497, 1_769_416_289]),
        ("docs", [0, 0, 1, 2, 6, 6, 702, 1_062_326_918]),
        ("tenant-1-docs", [0, 0, 0, 2, 3, 2, 882, 1_680_599_714]),
        ("tenant-99999-notes", [0, 0, 1, 2, 5, 4, 852, 841_391_044]),
        ("Ünïcödé", [0, 0, 2, 3, 1, 14, 278, 313_316_174]),
        ("😀", [0, 0, 2, 2, 0, 6, 62, 408_496_054]),
        ("'; DROP TABLE x;--", [0, 1, 1, 4, 1, 11, 619, 2_690_359_195]),
        ("say \"hi\"", [0, 1, 2, 1, 4, 1, 521, 4_254_911_297]),
        (String(repeating: "x", count: 1000), [0, 1, 0, 0, 4, 3, 635, 2_970_372_963]),
    ]

    @Test func agreesWithPython() {
        for (name, remainders) in Self.expected {
            for (divisor, remainder) in zip(Self.divisors, remainders) {
                #expect(NameHash(name).remainder(dividingBy: divisor) == remainder, "\(name) mod \(divisor)")
            }
        }
    }

    @Test func choosesTheStoreOfThatNumber() {
        let router = ModuloRouter(stores: ["x", "y", "z"])
        #expect(router.store(for: "docs") == "y")
        #expect(router.store(for: "😀") == "z")
        #expect(router.store(for: "tenant-1-docs") == "x")
    }
}
