import Connections
import Foundation

extension Vectors {
    /// Writes points in place of those of the same ids. The first points of a name make the collection, with their
    /// dimension and the metric of the settings.
    package func upsert(_ points: [VectorPoint], into collection: String) async throws {
        try VectorRules.check(collection: collection)
        try VectorRules.check(points)
        guard let first = points.first else { return }
        for point in points where point.vector.count != first.vector.count {
            throw VectorError.wrongDimension(collection, expected: first.vector.count, given: point.vector.count)
        }
        for start in stride(from: 0, to: points.count, by: options.writeBatch) {
            let batch = Array(points[start..<min(start + options.writeBatch, points.count)])
            try await write(to: collection, ids: batch.map(\.id)) { view in
                try await self.upsert(batch, into: collection, view)
            }
        }
    }

    /// Ids that are not there are no error.
    package func delete(ids: [String], from collection: String) async throws {
        try VectorRules.check(collection: collection)
        for id in ids { try VectorRules.check(id: id) }
        for start in stride(from: 0, to: ids.count, by: options.writeBatch) {
            let batch = Array(ids[start..<min(start + options.writeBatch, ids.count)])
            try await write(to: collection, ids: batch) { view in
                try await self.delete(batch, from: collection, view)
            }
        }
    }

    /// False when there was none.
    @discardableResult
    package func deleteCollection(_ collection: String) async throws -> Bool {
        try VectorRules.check(collection: collection)
        return try await write(to: collection, ids: nil) { view in
            var existed = false
            for store in Set(view.rounds(of: collection).joined()).sorted() {
                if try await self.store(store).deleteCollection(collection) { existed = true }
            }
            return existed
        }
    }

    /// Runs `body` with where things are; while any of the ids (nil: the collection itself) is on its way to another
    /// store, under a hold that keeps the mover off.
    private func write<Value: Sendable>(
        to collection: String,
        ids: [String]?,
        _ body: (VectorView) async throws -> Value
    ) async throws -> Value {
        func isMoving(_ view: VectorView) -> Bool {
            ids.map { view.moves($0, of: collection) } ?? view.moves(collection)
        }

        let view = try await self.view()
        guard let coordination, isMoving(view) else { return try await body(view) }
        let token = UUID().uuidString
        let deadline = MonotonicTime.now.advanced(by: options.moveWait)
        var pause = Duration.milliseconds(2)
        while try await !coordination.beginWrite(collection, token: token, lease: options.lease) {
            guard MonotonicTime.now < deadline else {
                throw VectorError(
                    .moving(collection),
                    "collection \"\(collection)\" was being moved for longer than a write waits; try again"
                )
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(20))
        }
        do {
            // The wait may have been long enough for the move to end.
            let value = try await body(try await self.view())
            await coordination.endWrite(collection, token: token)
            return value
        } catch {
            await coordination.endWrite(collection, token: token)
            throw error
        }
    }

    /// To the new stores first, then off the old ones: what is cut short in between leaves the newer point where
    /// readers prefer it, and the mover does not overwrite it.
    private func upsert(_ points: [VectorPoint], into collection: String, _ view: VectorView) async throws {
        let new = view.target.owners(in: collection)
        for (name, part) in Self.grouped(points, by: { new($0.id) }) {
            let store = try self.store(name)
            do {
                try await store.upsert(part, into: collection)
            } catch let error as VectorError where error.kind == .unknownCollection(collection) {
                try await make(collection, dimension: points[0].vector.count, view)
                try await store.upsert(part, into: collection)
            }
        }
        guard let source = view.source else { return }
        let old = source.owners(in: collection)
        let leftovers = points.map(\.id).filter { old($0) != new($0) }
        for (name, ids) in Self.grouped(leftovers, by: old) {
            _ = try await known { try await self.store(name).delete(ids: ids, from: collection) }
        }
    }

    private func delete(_ ids: [String], from collection: String, _ view: VectorView) async throws {
        var isKnown = false
        for placement in [view.source, view.target].compactMap({ $0 }) {
            for (name, part) in Self.grouped(ids, by: placement.owners(in: collection)) {
                let done: Void? = try await known { try await self.store(name).delete(ids: part, from: collection) }
                if done != nil { isKnown = true }
            }
        }
        guard !isKnown else { return }
        // A spread collection may have no points, and so no collection, where these ids belong.
        _ = try await describe(collection, view)
    }

    /// Makes the collection on every store that shall have a part of it. The first store decides when two make it at
    /// once with different sizes.
    private func make(_ collection: String, dimension: Int, _ view: VectorView) async throws {
        var wanted = VectorCollection(name: collection, dimension: dimension, metric: options.metric)
        if let existing = try await known({ try await self.describe(collection, view) }) {
            wanted.metric = existing.metric
            wanted.dimension = existing.dimension ?? dimension
        }
        for name in view.target.stores(of: collection) {
            if let expected = wanted.dimension, expected != dimension {
                throw VectorError.wrongDimension(collection, expected: expected, given: dimension)
            }
            let made = try await store(name).create(wanted)
            wanted.metric = made.metric
            wanted.dimension = made.dimension ?? dimension
        }
        if let expected = wanted.dimension, expected != dimension {
            throw VectorError.wrongDimension(collection, expected: expected, given: dimension)
        }
    }
}

extension Vectors {
    /// nil when the collection is not there.
    func known<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let error as VectorError {
            guard case .unknownCollection = error.kind else { throw error }
            return nil
        }
    }

    /// In the order of the names, so that what is done is always done in one order.
    static func grouped<Item>(_ items: [Item], by name: (Item) -> String) -> [(String, [Item])] {
        Dictionary(grouping: items, by: name).sorted { $0.key < $1.key }
    }
}
