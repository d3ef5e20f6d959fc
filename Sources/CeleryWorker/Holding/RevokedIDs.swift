import DequeModule

/// Ids of revoked tasks, bounded in number and in age; the oldest go first (`celery/utils/collections.py`, LimitedSet).
struct RevokedIDs: Sendable {
    struct Entry: Sendable, Hashable {
        var id: String
        /// When it was revoked, in seconds since 1970.
        var time: Double
    }

    private let limit: Int
    /// Seconds.
    private let lifetime: Double
    private var times: [String: Double] = [:]
    /// By time. An id that was revoked again has left an outdated entry behind.
    private var order: Deque<Entry> = []

    /// - Parameters:
    ///   - limit: How many ids are kept at most.
    ///   - lifetime: For how many seconds.
    init(limit: Int, lifetime: Double) {
        self.limit = max(1, limit)
        self.lifetime = lifetime
    }

    var count: Int { times.count }
    var isEmpty: Bool { times.isEmpty }

    func contains(_ id: String) -> Bool { times[id] != nil }

    /// Adds an id; of two times the later counts.
    mutating func insert(_ id: String, at time: Double) {
        if let known = times[id], known >= time { return }
        times[id] = time
        var index = order.endIndex
        // Almost always it is the latest.
        while index > 0, order[index - 1].time > time { index -= 1 }
        order.insert(Entry(id: id, time: time), at: index)
        while times.count > limit, let oldest = order.popFirst() { forget(oldest) }
        if order.count > 2 * times.count + 64 { order.removeAll { times[$0.id] != $0.time } }
    }

    /// Drops what is too old.
    mutating func purge(now: Double) {
        while let oldest = order.first, oldest.time + lifetime <= now {
            order.removeFirst()
            forget(oldest)
        }
    }

    /// Oldest first.
    var entries: [Entry] { order.filter { times[$0.id] == $0.time } }

    private mutating func forget(_ entry: Entry) {
        if times[entry.id] == entry.time { times[entry.id] = nil }
    }
}
