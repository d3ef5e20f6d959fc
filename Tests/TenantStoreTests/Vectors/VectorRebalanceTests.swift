import Testing

@testable import TenantStore

struct VectorRebalanceTests {
    private static let old = VectorLayout(routing: .md5Modulo, stores: ["a", "b"], spread: ["big*"])
    private static let new = VectorLayout(routing: .md5Modulo, stores: ["a", "b", "c"], spread: ["big*"])
    private static let collections = ["one", "two", "three", "four", "big1"]

    private static func filled(_ layout: VectorLayout, points: Int = 40) async throws -> VectorCluster {
        let cluster = VectorCluster("a", "b", "c")
        let worker = cluster.worker(layout)
        for collection in collections {
            try await worker.upsert((0..<points).map { point($0) }, into: collection)
        }
        return cluster
    }

    /// Every point is where the layout wants it, once, and nothing else is anywhere.
    private static func checkPlaces(
        _ cluster: VectorCluster,
        _ layout: VectorLayout,
        _ expected: [String: Set<String>]
    ) async throws {
        let placement = VectorPlacement(layout)
        for (collection, ids) in expected {
            let places = try await cluster.places(collection)
            #expect(Set(places.keys) == ids, "\(collection): \(ids.symmetricDifference(places.keys))")
            let owner = placement.owners(in: collection)
            for (id, stores) in places { #expect(stores == [owner(id)], "\(collection) \(id)") }
        }
        for store in cluster.stores {
            for collection in try await store.collections() {
                #expect(
                    placement.stores(of: collection.name).contains(store.name),
                    "\(collection.name) on \(store.name)"
                )
            }
        }
    }

    @Test(arguments: [
        (old, new), (new, old),
        (old, VectorLayout(routing: .consistent, stores: ["a", "b", "c"], spread: ["big*"])),
        (old, VectorLayout(routing: .md5Modulo, stores: ["c"])),
        (VectorLayout(routing: .md5Modulo, stores: ["c"]), old),
        (old, VectorLayout(routing: .md5Modulo, stores: ["b", "a"], spread: ["o*"])),
    ])
    func movesWhatBelongsElsewhere(from: VectorLayout, to: VectorLayout) async throws {
        let cluster = try await Self.filled(from)
        let worker = cluster.worker(to)
        let ids = Set((0..<40).map { "p\($0)" })
        // New settings alone change nothing.
        for collection in Self.collections { #expect(try await worker.count(collection) == 40) }
        let report = try await VectorRebalance(worker).run()
        #expect(report.movedPoints > 0)
        try await Self.checkPlaces(cluster, to, Dictionary(uniqueKeysWithValues: Self.collections.map { ($0, ids) }))
        #expect(try await VectorRebalance(worker).run().wasNeeded == false)
    }

    /// The rebalance dies at every single call it makes, before and after the effect. Then a worker sees all points,
    /// changes some, and the next rebalance ends with exactly those.
    @Test(arguments: Life.Moment.allCases)
    func diesAtEveryCallAndGoesOn(moment: Life.Moment) async throws {
        let count = Life()
        let whole = try await Self.filled(Self.old, points: 12)
        _ = try await VectorRebalance(whole.worker(Self.new, life: count)).run()
        try #require(count.calls > 50)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for calls in 0..<count.calls {
                group.addTask { try await Self.dieOnce(after: calls, moment) }
            }
            try await group.waitForAll()
        }
    }

    private static func dieOnce(after calls: Int, _ moment: Life.Moment) async throws {
        let cluster = try await filled(old, points: 12)
        let life = Life(calls: calls, moment)
        // The last calls only let go of leases, so that dying in them goes unnoticed.
        _ = try? await VectorRebalance(cluster.worker(new, life: life)).run()
        let worker = cluster.worker(new)
        var expected: [String: Set<String>] = [:]
        for collection in collections {
            #expect(try await worker.count(collection) == 12, "after \(calls) calls")
            #expect(try await worker.search(vector(1), in: collection, limit: 50).count == 12)
            try await worker.delete(ids: ["p1", "p2", "p3"], from: collection)
            try await worker.upsert([point(3, version: 1), point(4, version: 1), point(99)], into: collection)
            let documents = try await worker.points(["p1", "p3", "p4", "p5"], in: collection).map(\.document)
            #expect(documents == ["v1", "v1", "v0"])
            expected[collection] = Set((0..<12).map { "p\($0)" }).subtracting(["p1", "p2"]).union(["p99"])
        }
        _ = try await VectorRebalance(worker).run()
        try await checkPlaces(cluster, new, expected)
        for collection in collections {
            let documents = try await worker.points(["p1", "p3", "p4", "p5"], in: collection).map(\.document)
            #expect(documents == ["v1", "v1", "v0"], "after \(calls) calls")
        }
    }

    /// Four workers write, delete and read their own points all the while; each sees at once what it did.
    @Test func servesMeanwhile() async throws {
        let cluster = try await Self.filled(Self.old, points: 40)
        let isOver = Gate()
        let ledger = try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for number in 0..<4 {
                group.addTask { try await Self.work(number, cluster.worker(Self.new), isOver) }
            }
            let mover = cluster.worker(Self.new)
            let report = try await VectorRebalance(mover).run()
            #expect(report.movedPoints > 0)
            isOver.open()
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
        let kept = Set(ledger.keys).union((0..<40).map { "p\($0)" })
        let worker = cluster.worker(Self.new)
        for collection in Self.collections {
            try await Self.checkPlaces(cluster, Self.new, [collection: kept])
            for (id, version) in ledger {
                #expect(try await worker.points([id], in: collection).first?.document == "v\(version)")
            }
        }
    }

    /// Gives the version of each point that is left.
    private static func work(_ number: Int, _ vectors: Vectors, _ isOver: Gate) async throws -> [String: Int] {
        var versions: [String: Int] = [:]
        var version = 0
        while !isOver.isOpen || version < 30 {
            version += 1
            let id = 1_000 + number * 100 + version % 20
            for collection in collections {
                if version % 3 == 0 {
                    try await vectors.delete(ids: ["p\(id)"], from: collection)
                } else {
                    try await vectors.upsert([point(id, version: version)], into: collection)
                }
                let found = try await vectors.points(["p\(id)"], in: collection).map(\.document)
                #expect(found == (version % 3 == 0 ? [] : ["v\(version)"]), "\(collection) p\(id)")
                // None of the points that nobody touches is ever missing.
                let seen = Set(try await vectors.search(vector(1), in: collection, limit: 1_000).map(\.id))
                #expect(seen.isSuperset(of: (0..<40).map { "p\($0)" }), "\(collection)")
            }
            versions["p\(id)"] = version % 3 == 0 ? nil : version
        }
        return versions
    }

    @Test func aSecondRebalanceWithOtherSettingsIsRefused() async throws {
        let cluster = try await Self.filled(Self.old, points: 3)
        _ = try await cluster.coordination.announce(Self.new, after: Self.old, delay: .zero)
        let other = cluster.worker(VectorLayout(routing: .consistent, stores: ["a", "c"]))
        await #expect { try await VectorRebalance(other).run() } throws: {
            ($0 as? VectorError)?.kind == .layout && "\($0)".contains("with the settings it began with")
        }
    }
}
