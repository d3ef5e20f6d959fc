import Testing

@testable import CeleryWorker

/// Celery's LimitedSet: bounded in number and in age, the oldest go first.
struct RevokedIDsTests {
    private func set(_ entries: [(String, Double)], limit: Int = 3, lifetime: Double = 100) -> RevokedIDs {
        var ids = RevokedIDs(limit: limit, lifetime: lifetime)
        for (id, time) in entries { ids.insert(id, at: time) }
        return ids
    }

    @Test func ofTooManyTheOldestGoes() {
        let ids = set([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
        #expect(ids.entries.map(\.id) == ["b", "c", "d"])
        #expect(!ids.contains("a"))
        #expect(ids.contains("d"))
    }

    @Test func whatComesLateTakesItsPlaceByTime() {
        #expect(set([("b", 2), ("c", 3), ("a", 1)]).entries.map(\.id) == ["a", "b", "c"])
        #expect(set([("b", 2), ("c", 3), ("d", 4), ("a", 1)]).entries.map(\.id) == ["b", "c", "d"])
    }

    @Test func anIDRevokedAgainIsYoungAgain() {
        var ids = set([("a", 1), ("b", 2), ("a", 3), ("c", 4), ("d", 5)])
        #expect(ids.entries.map(\.id) == ["a", "c", "d"])
        ids.insert("a", at: 2)
        #expect(ids.entries.map(\.id) == ["a", "c", "d"])
    }

    @Test func theOldExpire() {
        var ids = set([("a", 1), ("b", 50), ("c", 101)])
        ids.purge(now: 101)
        #expect(ids.entries.map(\.id) == ["b", "c"])
        ids.purge(now: 1000)
        #expect(ids.isEmpty)
    }

    @Test func oneIDRevokedForEverCostsNoMemory() {
        var ids = RevokedIDs(limit: 10, lifetime: 1e9)
        for time in 0..<100_000 { ids.insert("same", at: Double(time)) }
        #expect(ids.count == 1)
        #expect(ids.entries == [.init(id: "same", time: 99_999)])
    }
}
