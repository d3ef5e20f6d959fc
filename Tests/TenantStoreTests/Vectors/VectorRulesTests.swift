import Connections
import Testing

@testable import TenantStore

struct VectorRulesTests {
    @Test(arguments: ["abc", "tenant-1-docs", "A.b_c", String(repeating: "x", count: 200)])
    func takesNames(name: String) throws { try VectorRules.check(collection: name) }

    @Test(arguments: [
        "", "ab", "-abc", "abc-", "a b c", "a/b", "😀😀😀", "'; DROP TABLE x;--", "a\"b\"c", "a\0b", "../etc",
        String(repeating: "x", count: 201),
    ])
    func refusesNames(name: String) {
        #expect { try VectorRules.check(collection: name) } throws: { ($0 as? VectorError)?.kind == .badName }
    }

    private static let wrong: [(VectorPoint, VectorError.Kind)] = [
        (VectorPoint(id: "", vector: [1]), .badID),
        (VectorPoint(id: String(repeating: "i", count: 1_025), vector: [1]), .badID),
        (VectorPoint(id: "a", vector: []), .tooLarge),
        (VectorPoint(id: "a", vector: [Float](repeating: 0, count: 65_537)), .tooLarge),
        (VectorPoint(id: "a", vector: [1, .nan]), .notFinite),
        (VectorPoint(id: "a", vector: [-.infinity, 1]), .notFinite),
        (VectorPoint(id: "a", vector: [1], document: String(repeating: "d", count: (1 << 20) + 1)), .tooLarge),
        (VectorPoint(id: "a", vector: [1], metadata: ["": 1]), .badMetadata),
        (VectorPoint(id: "a", vector: [1], metadata: ["$or": 1]), .badMetadata),
        (VectorPoint(id: "a", vector: [1], metadata: ["chroma:document": 1]), .badMetadata),
        (VectorPoint(id: "a", vector: [1], metadata: ["x": .double(.nan)]), .badMetadata),
        (
            VectorPoint(id: "a", vector: [1], metadata: ["x": .string(String(repeating: "m", count: 70_000))]),
            .tooLarge
        ),
    ]

    @Test(arguments: wrong.indices)
    func refusesPoints(index: Int) {
        let (point, kind) = Self.wrong[index]
        #expect { try VectorRules.check([point]) } throws: { ($0 as? VectorError)?.kind == kind }
    }

    @Test func refusesAnIDTwice() {
        let point = VectorPoint(id: "a", vector: [1])
        #expect { try VectorRules.check([point, point]) } throws: { ($0 as? VectorError)?.kind == .duplicateID }
    }

    @Test func takesWhatLooksDangerous() throws {
        let text = "'; DROP TABLE x; -- \"\\ 😀 \u{1}"
        try VectorRules.check([
            VectorPoint(id: text, vector: [1e38, -0.0], document: text, metadata: ["'k😀": .string(text)])
        ])
    }

    @Test func refusesEndlessFilters() {
        var filter = VectorFilter.equal("k", 1)
        for _ in 0..<20 { filter = .all([filter]) }
        #expect { try filter.validate() } throws: { ($0 as? VectorError)?.kind == .badFilter }
        #expect { try VectorFilter.any([]).validate() } throws: { ($0 as? VectorError)?.kind == .badFilter }
        #expect { try VectorFilter.among("k", []).validate() } throws: { ($0 as? VectorError)?.kind == .badFilter }
    }
}
