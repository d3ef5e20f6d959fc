import Connections
import Foundation
import Testing

@testable import TenantStore

extension VectorServerTests {
    /// What every store must do; a new driver is added to `stores`.
    @Suite(.serialized)
    struct VectorStoreConformance {
        static let stores: [VectorServers.Server] = [.chroma1, .qdrant]
        static let awkward = "'; DROP TABLE embeddings; -- \"quoted\" \\ \n {\"a\": [1]} 😀 é"

        /// Runs `body` with a store and the name of a collection that it deletes afterwards.
        private static func use(
            _ server: VectorServers.Server,
            dimension: Int? = nil,
            metric: VectorMetric = .cosine,
            _ body: (any VectorStore, String) async throws -> Void
        ) async throws {
            let store = try VectorServers.store(server)
            let name = VectorServers.name()
            do {
                if let dimension {
                    _ = try await store.create(VectorCollection(name: name, dimension: dimension, metric: metric))
                }
                try await body(store, name)
            } catch {
                _ = try? await store.deleteCollection(name)
                throw error
            }
            _ = try await store.deleteCollection(name)
        }

        @Test(arguments: stores)
        func keepsWhatItIsGiven(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 3) { store, name in
                let point = VectorPoint(
                    id: "a",
                    vector: [0.6, 0.8, 0],
                    document: "a text",
                    metadata: ["s": "text", "i": 7, "d": 1.5, "b": true, "neg": -3]
                )
                try await store.upsert([point, VectorPoint(id: "b", vector: [0, 0, 1])], into: name)
                let found = try await store.points(["a", "missing"], in: name)
                #expect(found.map(\.id) == ["a"])
                #expect(found.first?.document == "a text")
                #expect(found.first?.metadata == point.metadata)
                for (x, y) in zip(found.first?.vector ?? [], point.vector) { #expect(abs(x - y) < 1e-6) }
                #expect(try await store.count(name) == 2)
                #expect(try await Set(store.ids(in: name)) == ["a", "b"])
                #expect(try await store.points(["b"], in: name).first?.document == nil)
                #expect(try await store.describe(name) == VectorCollection(name: name, dimension: 3, metric: .cosine))
                #expect(try await store.collections().contains { $0.name == name && $0.dimension == 3 })
                try await store.delete(ids: ["a", "missing"], from: name)
                #expect(try await store.ids(in: name) == ["b"])
                #expect(try await store.search([1, 1, 1], in: name, limit: 5, where: nil).map(\.id) == ["b"])
            }
        }

        @Test(arguments: stores)
        func namesACollectionThatIsNotThere(server: VectorServers.Server) async throws {
            let store = try VectorServers.store(server)
            let name = VectorServers.name()
            let expected = VectorError.unknownCollection(name)
            #expect(try await store.describe(name) == nil)
            #expect(try await store.deleteCollection(name) == false)
            await #expect(throws: expected) { try await store.upsert([.init(id: "a", vector: [1])], into: name) }
            await #expect(throws: expected) { try await store.add([.init(id: "a", vector: [1])], into: name) }
            await #expect(throws: expected) { try await store.points(["a"], in: name) }
            await #expect(throws: expected) { try await store.ids(in: name) }
            await #expect(throws: expected) { try await store.search([1], in: name, limit: 1, where: nil) }
            await #expect(throws: expected) { try await store.delete(ids: ["a"], from: name) }
            await #expect(throws: expected) { try await store.count(name) }
        }

        @Test(arguments: stores)
        func upsertReplacesTheWholePoint(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                let first = VectorPoint(id: "a", vector: [1, 0], document: "old", metadata: ["x": 1, "y": "s"])
                try await store.upsert([first], into: name)
                try await store.upsert([VectorPoint(id: "a", vector: [0, 1], metadata: ["x": 2.5])], into: name)
                let found = try await store.points(["a"], in: name)
                #expect(found == [VectorPoint(id: "a", vector: [0, 1], metadata: ["x": 2.5])])
                #expect(try await store.search([0, 1], in: name, limit: 1, where: .equal("y", "s")).isEmpty)
                try await store.upsert([VectorPoint(id: "a", vector: [0, 1])], into: name)
                #expect(try await store.points(["a"], in: name).first?.metadata == [:])
            }
        }

        @Test(arguments: stores)
        func addLeavesWhatIsThere(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                try await store.upsert([VectorPoint(id: "a", vector: [1, 0], document: "kept")], into: name)
                let late = [
                    VectorPoint(id: "a", vector: [0, 1], document: "late"), VectorPoint(id: "b", vector: [0, 1]),
                ]
                try await store.add(late, into: name)
                try await store.add(late, into: name)
                #expect(try await store.points(["a"], in: name).first?.document == "kept")
                #expect(try await Set(store.ids(in: name)) == ["a", "b"])
            }
        }

        @Test(arguments: stores)
        func refusesVectorsOfAnotherSize(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 3) { store, name in
                let expected = VectorError.wrongDimension(name, expected: 3, given: 2)
                let short = VectorPoint(id: "a", vector: [1, 2])
                // Also before there is a first point.
                await #expect(throws: expected) { try await store.upsert([short], into: name) }
                try await store.upsert([VectorPoint(id: "b", vector: [1, 2, 3])], into: name)
                await #expect(throws: expected) { try await store.upsert([short], into: name) }
                await #expect(throws: expected) { try await store.add([short], into: name) }
                await #expect(throws: expected) { try await store.search([1, 2], in: name, limit: 1, where: nil) }
                // One that does not know the collection yet.
                let other = try VectorServers.store(server)
                await #expect(throws: expected) { try await other.search([1, 2], in: name, limit: 1, where: nil) }
                #expect(try await store.ids(in: name) == ["b"])
            }
        }

        @Test(arguments: stores)
        func takesAnyText(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                let key = Self.awkward.filter { $0 != "\"" && $0 != "\\" } + ".a[0]"
                let point = VectorPoint(
                    id: Self.awkward,
                    vector: [1, 0],
                    document: Self.awkward,
                    metadata: [key: .string(Self.awkward)]
                )
                try await store.upsert([point, VectorPoint(id: "other", vector: [1, 0])], into: name)
                #expect(try await store.points([Self.awkward], in: name) == [point])
                let filter = VectorFilter.equal(key, .string(Self.awkward))
                let found = try await store.search([1, 0], in: name, limit: 5, where: filter)
                #expect(found.map(\.id) == [Self.awkward])
                #expect(found.first?.document == Self.awkward)
                try await store.delete(ids: [Self.awkward], from: name)
                #expect(try await store.ids(in: name) == ["other"])
            }
        }

        static let filters: [(VectorFilter, Set<String>)] = [
            (.equal("n", 1), ["a", "b"]), (.equal("n", 1.0), ["a", "b"]), (.equal("n", 1.5), ["c"]),
            (.notEqual("n", 1), ["c", "d", "e"]), (.equal("t", "x"), ["a", "c"]),
            (.among("n", [1, 3]), ["a", "b", "d"]),
            (.notAmong("n", [1, 3]), ["c", "e"]), (.among("t", ["x", "y"]), ["a", "b", "c"]),
            (.less("n", 1.5), ["a", "b"]), (.atMost("n", 1.5), ["a", "b", "c"]), (.greater("n", 1.5), ["d"]),
            (.atLeast("n", 1.5), ["c", "d"]), (.all([]), ["a", "b", "c", "d", "e"]),
            (.all([.equal("t", "x"), .equal("n", 1)]), ["a"]),
            (.any([.equal("f", true), .equal("n", 3)]), ["a", "d"]),
            (.all([.any([.equal("t", "x"), .equal("t", "y")]), .greater("n", 1)]), ["c"]),
            (.any([.all([.equal("t", "y"), .equal("n", 1)]), .equal("n", 1.5)]), ["b", "c"]),
            (.equal("n", "1"), []), (.equal("nothing", 1), []),
        ]

        static let flagFilters: [(VectorFilter, Set<String>)] = [
            (.equal("f", true), ["a"]), (.notEqual("f", true), ["b", "c", "d", "e"]),
            (.any([.equal("f", true), .equal("n", 3)]), ["a", "d"]),
        ]

        @Test(arguments: stores)
        func narrowsSearches(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                try await store.upsert(
                    [
                        VectorPoint(id: "a", vector: [1, 0], metadata: ["n": 1, "t": "x", "f": true]),
                        VectorPoint(id: "b", vector: [1, 1], metadata: ["n": 1.0, "t": "y", "f": false]),
                        VectorPoint(id: "c", vector: [0, 1], metadata: ["n": 1.5, "t": "x"]),
                        VectorPoint(id: "d", vector: [1, 2], metadata: ["n": 3]),
                        VectorPoint(id: "e", vector: [2, 1]),
                    ],
                    into: name
                )
                for (filter, expected) in Self.filters + Self.flagFilters {
                    let found = try await store.search([1, 0.5], in: name, limit: 10, where: filter)
                    let isFlag = Self.flagFilters.contains { $0.0 == filter }
                    // qdrant-edge-py 0.9.0, the engine behind the façade, takes Python's True for the number 1.
                    withKnownIssue("the façade's engine does not know flags") {
                        #expect(Set(found.map(\.id)) == expected, "\(filter)")
                    } when: {
                        isFlag && server == .qdrant
                    }
                }
            }
        }

        private static let comparisons:
            [(make: @Sendable (Double) -> VectorFilter, holds: @Sendable (Double, Double) -> Bool)] = [
                ({ .equal("n", .double($0)) }, { $0 == $1 }), ({ .notEqual("n", .double($0)) }, { $0 != $1 }),
                ({ .less("n", $0) }, { $0 < $1 }), ({ .atMost("n", $0) }, { $0 <= $1 }),
                ({ .greater("n", $0) }, { $0 > $1 }), ({ .atLeast("n", $0) }, { $0 >= $1 }),
            ]

        @Test(arguments: stores)
        func comparesNumbersByValue(server: VectorServers.Server) async throws {
            let values: [VectorValue] = [
                -2, -1, 0, 1, 2, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5,
            ]
            let numbers: [Double] = [-2, -1, 0, 1, 2, -1.5, -1, -0.5, 0.5, 1, 1.5]
            try await Self.use(server, dimension: 1) { store, name in
                let points = values.enumerated().map {
                    VectorPoint(id: "p\($0)", vector: [1], metadata: ["n": $1])
                }
                try await store.upsert(points, into: name)
                for bound in [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] {
                    for (make, holds) in Self.comparisons {
                        let expected = points.indices.filter { holds(numbers[$0], bound) }.map { "p\($0)" }
                        let found = try await store.search([1], in: name, limit: 20, where: make(bound))
                        #expect(Set(found.map(\.id)) == Set(expected), "\(make(bound))")
                    }
                }
            }
        }

        static let scores: [(VectorMetric, [Float], Double)] = [
            (.cosine, [2, 0], 1), (.cosine, [0, 3], 0), (.cosine, [-1, 0], -1), (.cosine, [3, 4], 0.6),
            (.euclid, [1, 0], 0), (.euclid, [4, 4], -25), (.euclid, [0, 0], -1),
            (.dot, [2, 5], 2), (.dot, [-3, 1], -3), (.dot, [0, 0], 0),
        ]

        @Test(arguments: stores, VectorMetric.allCases)
        func scoresByTheMetric(server: VectorServers.Server, metric: VectorMetric) async throws {
            try await Self.use(server, dimension: 2, metric: metric) { store, name in
                let cases = Self.scores.filter { $0.0 == metric }
                let points = cases.enumerated().map { VectorPoint(id: "p\($0)", vector: $1.1) }
                try await store.upsert(points, into: name)
                // A driver that has just been made does not remember the metric.
                let found = try await VectorServers.store(server).search([1, 0], in: name, limit: 10, where: nil)
                #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
                let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.score) })
                for (index, one) in cases.enumerated() {
                    #expect(abs((byID["p\(index)"] ?? .nan) - one.2) < 1e-5, "\(one.1)")
                }
                #expect(try await store.describe(name)?.metric == metric)
            }
        }

        @Test(arguments: stores)
        func listsAllIDsPageByPage(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 1) { store, name in
                let points = (0..<57).map { VectorPoint(id: "p\($0)", vector: [1]) }
                try await store.upsert(points, into: name)
                for page in [2, 19, 57, 58] {
                    let ids = try await Self.paged(store, page).ids(in: name)
                    #expect(ids.count == 57)
                    #expect(Set(ids) == Set(points.map(\.id)))
                }
            }
        }

        private static func paged(_ store: any VectorStore, _ page: Int) -> any VectorStore {
            if var store = store as? ChromaVectorStore {
                store.page = page
                return store
            }
            guard var store = store as? QdrantVectorStore else { return store }
            store.page = page
            return store
        }

        @Test(arguments: stores)
        func goesOnWithACollectionThatWasMadeAgain(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                try await store.upsert([VectorPoint(id: "a", vector: [1, 0])], into: name)
                let other = try VectorServers.store(server)
                _ = try await other.deleteCollection(name)
                _ = try await other.create(VectorCollection(name: name, dimension: 3, metric: .euclid))
                try await store.upsert([VectorPoint(id: "b", vector: [1, 0, 0])], into: name)
                let found = try await store.search([3, 0, 0], in: name, limit: 5, where: nil)
                #expect(found.map(\.id) == ["b"])
                #expect(abs((found.first?.score ?? 0) + 4) < 1e-5)
            }
        }

        @Test(arguments: stores)
        func makesACollectionOnce(server: VectorServers.Server) async throws {
            try await Self.use(server, dimension: 2) { store, name in
                try await store.upsert([VectorPoint(id: "a", vector: [1, 0])], into: name)
                let other = VectorCollection(name: name, dimension: 5, metric: .dot)
                let made = try await store.create(other)
                #expect(made == VectorCollection(name: name, dimension: 2, metric: .cosine))
                #expect(try await store.count(name) == 1)
            }
        }

        @Test(arguments: stores)
        func isReady(server: VectorServers.Server) async throws {
            try await VectorServers.store(server).check()
        }
    }
}
