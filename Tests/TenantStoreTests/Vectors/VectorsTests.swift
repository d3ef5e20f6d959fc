import Testing

@testable import TenantStore

struct VectorsTests {
    private static let spread = VectorLayout(routing: .consistent, stores: ["a", "b", "c"], spread: ["big"])

    /// Many points have equal scores, so that most limits cut through a group of equals.
    @Test func aSpreadSearchAnswersAsOneStoreWould() async throws {
        let one = VectorCluster("a")
        let three = VectorCluster("a", "b", "c")
        let single = one.worker(VectorLayout(routing: .consistent, stores: ["a"]))
        let spread = three.worker(Self.spread)
        let points = (0..<500).map { point($0) }
        try await single.upsert(points, into: "big")
        try await spread.upsert(points, into: "big")
        #expect(try await Set(three.places("big").values.joined()) == ["a", "b", "c"])
        for limit in [1, 2, 3, 7, 10, 50, 99, 499, 500, 1_000] {
            for query in 0..<5 {
                let expected = try await single.search(vector(query), in: "big", limit: limit)
                let found = try await spread.search(vector(query), in: "big", limit: limit)
                #expect(found == expected, "limit \(limit), query \(query)")
            }
        }
        #expect(try await spread.count("big") == 500)
    }

    @Test func aCollectionIsMadeByItsFirstPoints() async throws {
        let vectors = VectorCluster("a", "b").worker(VectorLayout(routing: .md5Modulo, stores: ["a", "b"]))
        await #expect(throws: VectorError.unknownCollection("docs")) {
            try await vectors.search([1], in: "docs", limit: 1)
        }
        await #expect(throws: VectorError.unknownCollection("docs")) { try await vectors.count("docs") }
        await #expect(throws: VectorError.unknownCollection("docs")) {
            try await vectors.delete(ids: ["p1"], from: "docs")
        }
        try await vectors.upsert([point(1)], into: "docs")
        #expect(try await vectors.search(vector(1), in: "docs", limit: 5).map(\.id) == ["p1"])
        #expect(try await vectors.collections().map(\.name) == ["docs"])
        #expect(try await vectors.deleteCollection("docs"))
        #expect(try await vectors.deleteCollection("docs") == false)
    }

    @Test func pointsOfDifferentSizesAreRefusedTogether() async throws {
        let vectors = VectorCluster("a").worker(VectorLayout(routing: .md5Modulo, stores: ["a"]))
        let points = [VectorPoint(id: "x", vector: [1, 2]), VectorPoint(id: "y", vector: [1])]
        await #expect { try await vectors.upsert(points, into: "docs") } throws: {
            ($0 as? VectorError)?.kind == .wrongDimension(expected: 2, given: 1)
        }
        await #expect(throws: VectorError.unknownCollection("docs")) { try await vectors.count("docs") }
    }

    @Test func aLayoutWithAnUnknownStoreSaysHowToMendIt() async throws {
        let cluster = VectorCluster("a", "b")
        _ = try await cluster.coordination.state(
            adopting: VectorLayout(routing: .md5Modulo, stores: ["a", "gone"], spread: ["*"])
        )
        let vectors = cluster.worker(VectorLayout(routing: .md5Modulo, stores: ["a", "b"], spread: ["*"]))
        await #expect { try await vectors.upsert((0..<9).map { point($0) }, into: "docs") } throws: {
            ($0 as? VectorError)?.kind == .layout && "\($0)".contains("leaving: true")
        }
    }
}
