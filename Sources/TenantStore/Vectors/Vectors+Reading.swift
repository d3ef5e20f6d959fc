extension Vectors {
    /// The nearest points, nearest first, equal scores in the order of their ids: the same answer as if one store had
    /// all points, however many there are.
    package func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter? = nil
    ) async throws -> [VectorMatch] {
        try VectorRules.check(collection: collection)
        try VectorRules.check(limit: limit)
        try VectorRules.check(vector: vector, of: "the search")
        try filter?.validate()
        var matches: [String: VectorMatch] = [:]
        for found in try await ask(
            collection,
            { store in
                try await Self.nearest(vector, in: collection, limit: limit, where: filter, of: store)
            }
        ) {
            for match in found { matches[match.id] = match }
        }
        return Array(matches.values.sorted(by: VectorMatch.isBefore).prefix(limit))
    }

    /// The points of those ids that are there, in the order of the ids given.
    package func points(_ ids: [String], in collection: String) async throws -> [VectorPoint] {
        try VectorRules.check(collection: collection)
        for id in ids { try VectorRules.check(id: id) }
        var found: [String: VectorPoint] = [:]
        for points in try await ask(collection, { try await $0.points(ids, in: collection) }) {
            for point in points { found[point.id] = point }
        }
        return ids.compactMap { found[$0] }
    }

    /// While the collection is being moved its ids are listed, so that no point counts twice; that takes its time.
    package func count(_ collection: String) async throws -> Int {
        try VectorRules.check(collection: collection)
        let view = try await viewForReading()
        guard view.moves(collection) else {
            return try await ask(collection) { try await $0.count(collection) }.reduce(0, +)
        }
        return Set(try await ask(collection) { try await $0.ids(in: collection) }.joined()).count
    }

    /// Every collection once, in the order of their names.
    package func collections() async throws -> [VectorCollection] {
        let view = try await viewForReading()
        let names = Set([view.source, view.target].compactMap { $0?.layout.stores }.joined()).sorted()
        var all: [String: VectorCollection] = [:]
        for found in try await each(names, { try await $0.collections() }) {
            for collection in found where all[collection.name]?.dimension == nil {
                all[collection.name] = collection
            }
        }
        return all.values.sorted { $0.name < $1.name }
    }

    /// Throws `unknownCollection` when no store has it.
    func describe(_ collection: String, _ view: VectorView) async throws -> VectorCollection {
        var described: VectorCollection?
        for name in Set(view.rounds(of: collection).joined()).sorted() where described?.dimension == nil {
            if let found = try await store(name).describe(collection) { described = found }
        }
        guard let described else { throw VectorError.unknownCollection(collection) }
        return described
    }

    /// Answers of the stores that have a part of the collection, those of old places first.
    private func ask<Answer: Sendable>(
        _ collection: String,
        _ body: @escaping @Sendable (any VectorStore) async throws -> Answer
    ) async throws -> [Answer] {
        var answers: [Answer] = []
        for round in try await viewForReading().rounds(of: collection) {
            answers += try await each(round) { store in
                try await self.known { try await body(store) }
            }.compactMap { $0 }
        }
        guard !answers.isEmpty else { throw VectorError.unknownCollection(collection) }
        return answers
    }

    /// All of them at once; the answers in their order.
    private func each<Answer: Sendable>(
        _ names: [String],
        _ body: @escaping @Sendable (any VectorStore) async throws -> Answer
    ) async throws -> [Answer] {
        let stores = try names.map { name throws(VectorError) in try store(name) }
        if stores.count == 1 { return [try await body(stores[0])] }
        return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask { (index, try await body(store)) }
            }
            var answers = [Answer?](repeating: nil, count: stores.count)
            for try await (index, answer) in group { answers[index] = answer }
            return answers.compactMap { $0 }
        }
    }

    /// At least the nearest `limit` points, with all that are as near as the last of them: which of those a store drops
    /// is its own affair, and would make the answer depend on how points are spread.
    private static func nearest(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?,
        of store: any VectorStore
    ) async throws -> [VectorMatch] {
        let most = 2 * VectorRules.maxLimit
        var asked = limit + 1
        while true {
            let found = try await store.search(vector, in: collection, limit: asked, where: filter)
            guard found.count >= asked, asked < most else { return found }
            let scores = found.map(\.score).sorted(by: >)
            guard scores[asked - 1] == scores[limit - 1] else { return found }
            asked = min(asked * 2, most)
        }
    }
}
