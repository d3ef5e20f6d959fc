import Connections
import Testing

@testable import TenantStore

extension VectorServerTests {
    @Suite(.serialized)
    struct VectorsOverServers {
        private static func vectors(
            _ layout: VectorLayout,
            _ client: RedisClient? = nil,
            prefix: String = ""
        ) throws -> Vectors {
            var options = VectorsOptions(layout: layout)
            options.stateLifetime = .milliseconds(50)
            options.callTimeout = .seconds(2)
            options.rebalanceLease = .seconds(1)
            options.moveBatch = 20
            return Vectors(
                try VectorServers.Server.allCases.map { try VectorServers.store($0, timeout: .seconds(5)) },
                options: options,
                coordination: client.map { RedisVectorCoordination(client: $0, prefix: prefix) },
                logger: VectorServers.logger
            )
        }

        private static func points(_ range: Range<Int>, version: Int = 0) -> [VectorPoint] {
            range.map { number in
                // Whole numbers, so that every store computes equal scores for equal vectors.
                let vector = (0..<4).map { Float((number * (7 + 3 * $0)) % 11 - 5) + ($0 == 0 ? 0.5 : 0) }
                return VectorPoint(
                    id: "p\(number)",
                    vector: vector,
                    document: "v\(version)",
                    metadata: ["n": .int(number), "parity": number % 2 == 0 ? "even" : "odd"]
                )
            }
        }

        @Test func aSpreadSearchAnswersAsOneStoreWould() async throws {
            let name = VectorServers.name("spread")
            let single = try Self.vectors(VectorLayout(routing: .consistent, stores: ["chroma1"]))
            let spread = try Self.vectors(
                VectorLayout(routing: .md5Modulo, stores: ["chroma2", "qdrant"], spread: ["spread-*"])
            )
            let points = Self.points(0..<300)
            for vectors in [single, spread] { try await vectors.upsert(points, into: name) }
            for limit in [1, 5, 10, 77, 300] {
                for query in points.prefix(3) {
                    for filter in [nil, VectorFilter.equal("parity", "even")] {
                        let expected = try await single.search(query.vector, in: name, limit: limit, where: filter)
                        let found = try await spread.search(query.vector, in: name, limit: limit, where: filter)
                        #expect(found.count == expected.count)
                        // Two engines round differently, so that equals may change places with equals only.
                        for (one, other) in zip(found, expected) { #expect(abs(one.score - other.score) < 1e-5) }
                    }
                }
            }
            #expect(try await spread.count(name) == 300)
            for vectors in [single, spread] { try await vectors.deleteCollection(name) }
        }

        @Test func twoOfOneKindAnswerExactlyAsOne() async throws {
            let name = VectorServers.name("spread")
            let spread = try Self.vectors(
                VectorLayout(routing: .md5Modulo, stores: ["chroma1", "chroma2"], spread: ["spread-*"])
            )
            let points = Self.points(0..<200)
            try await spread.upsert(points, into: name)
            let lonely = VectorServers.name("lonely")
            let single = try Self.vectors(VectorLayout(routing: .consistent, stores: ["chroma1"]))
            try await single.upsert(points, into: lonely)
            for limit in [1, 3, 10, 50, 199] {
                for query in points.prefix(5) {
                    let expected = try await single.search(query.vector, in: lonely, limit: limit)
                    #expect(try await spread.search(query.vector, in: name, limit: limit) == expected)
                }
            }
            try await spread.deleteCollection(name)
            try await single.deleteCollection(lonely)
        }

        /// Workers write, delete and read while collections go from two stores to three of two kinds; the rebalance is
        /// cut short once and run again. The ledger is what the workers were told had been done.
        @Test func rebalancesUnderLoad() async throws {
            let client = try VectorServers.redis()
            let prefix = VectorServers.name() + ":"
            let old = VectorLayout(
                routing: .md5Modulo,
                stores: ["chroma1", "chroma2"],
                spread: ["\(prefix.prefix(13))-s*"]
            )
            let new = VectorLayout(
                routing: .consistent,
                stores: ["chroma1", "chroma2", "qdrant"],
                spread: ["\(prefix.prefix(13))-s*"]
            )
            let names = (0..<4).map { "\(prefix.prefix(13))-c\($0)" } + ["\(prefix.prefix(13))-s1"]
            for name in names {
                try await Self.vectors(old, client, prefix: prefix).upsert(Self.points(0..<60), into: name)
            }
            let ledger = try await withThrowingTaskGroup(of: [String: Int].self) { group in
                let isOver = Flag()
                for worker in 0..<3 {
                    let vectors = try Self.vectors(new, client, prefix: prefix)
                    group.addTask { try await Self.work(worker, vectors, names, isOver) }
                }
                let mover = try Self.vectors(new, client, prefix: prefix)
                let cut = Task { try await VectorRebalance(mover).run() }
                try await Self.untilMoving(try Self.vectors(new, client, prefix: prefix), names[4])
                cut.cancel()
                _ = try? await cut.value
                let report = try await VectorRebalance(mover).run()
                #expect(report.wasNeeded)
                isOver.raise()
                return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
            }
            try await Self.check(new, names, ledger, VectorPlacement(new))
            let vectors = try Self.vectors(new, client, prefix: prefix)
            for name in names { try await vectors.deleteCollection(name) }
            _ = try await client.send(RedisCommand("DEL", key: prefix + "layout"))
            client.close()
        }

        /// Returns when points of the collection have arrived at the new store.
        private static func untilMoving(_ vectors: Vectors, _ name: String) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                let arrived = try await vectors.known { try await vectors.store("qdrant").count(name) } ?? 0
                if arrived > 0 { return }
                try #require(ContinuousClock.now < deadline, "nothing was moved within 30 s")
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        private static func work(
            _ worker: Int,
            _ vectors: Vectors,
            _ names: [String],
            _ isOver: Flag
        ) async throws -> [String: Int] {
            var versions: [String: Int] = [:]
            var version = 0
            while !isOver.isUp {
                version += 1
                let number = 1_000 + worker * 100 + version % 10
                for name in names {
                    if version % 3 == 0 {
                        try await vectors.delete(ids: ["p\(number)"], from: name)
                    } else {
                        try await vectors.upsert(points(number..<(number + 1), version: version), into: name)
                    }
                    let found = try await vectors.points(["p\(number)"], in: name).map(\.document)
                    #expect(found == (version % 3 == 0 ? [] : ["v\(version)"]), "\(name) p\(number)")
                    let seen = Set(try await vectors.search([1, 2, 3, 4], in: name, limit: 200).map(\.id))
                    try await expectNothing(missing: Set((0..<60).map { "p\($0)" }).subtracting(seen), name)
                }
                versions["p\(number)"] = version % 3 == 0 ? nil : version
            }
            return versions
        }

        /// A point that a search left out is our failure, unless its store keeps it and does not find it either: Chroma
        /// 1.5.9 now and then loses records from its index after deletes and upserts
        /// (https://github.com/chroma-core/chroma/issues/7758). That is looked at each time, never taken for granted.
        private static func expectNothing(missing: Set<String>, _ name: String) async throws {
            guard !missing.isEmpty else { return }
            let isHidden = try await isHiddenByItsStore(missing, name)
            withKnownIssue("the store's own search does not find what it keeps", isIntermittent: true) {
                #expect(missing.isEmpty, "\(name)")
            } when: {
                isHidden
            }
        }

        private static func isHiddenByItsStore(_ ids: Set<String>, _ name: String) async throws -> Bool {
            var kept: Set<String> = []
            for server in VectorServers.Server.allCases {
                let store = try VectorServers.store(server)
                guard try await store.describe(name) != nil else { continue }
                let here = Set(try await store.points(ids.sorted(), in: name).map(\.id))
                let found = try await store.search([1, 2, 3, 4], in: name, limit: 1_000, where: nil).map(\.id)
                guard here.isDisjoint(with: found) else { return false }
                kept.formUnion(here)
            }
            return kept == ids
        }

        /// Every point is where it belongs, once, in its last version.
        private static func check(
            _ layout: VectorLayout,
            _ names: [String],
            _ ledger: [String: Int],
            _ placement: VectorPlacement
        ) async throws {
            for name in names {
                var places: [String: [String]] = [:]
                for server in VectorServers.Server.allCases {
                    let store = try VectorServers.store(server)
                    guard try await store.describe(name) != nil else { continue }
                    #expect(placement.stores(of: name).contains(server.rawValue))
                    for point in try await store.points(try await store.ids(in: name), in: name) {
                        places[point.id, default: []].append(server.rawValue)
                        #expect(point.document == "v\(ledger[point.id] ?? 0)", "\(name) \(point.id)")
                    }
                }
                let owner = placement.owners(in: name)
                for (id, stores) in places { #expect(stores == [owner(id)], "\(name) \(id)") }
                #expect(Set(places.keys) == Set(ledger.keys).union((0..<60).map { "p\($0)" }), "\(name)")
            }
        }
    }
}
