import Synchronization

/// How many streams are open, in all and of each identity.
final class StreamCounts: Sendable {
    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    init(limit: Int) { self.limit = limit }

    var total: Int { counts.withLock { $0.values.reduce(0, +) } }

    func hasRoom(_ who: String) -> Bool { counts.withLock { hasRoom($0, who) } }

    /// Takes a place; false: there is none.
    func take(_ who: String) -> Bool {
        counts.withLock { counts in
            guard hasRoom(counts, who) else { return false }
            counts[who, default: 0] += 1
            return true
        }
    }

    func give(_ who: String) {
        counts.withLock { counts in
            let left = (counts[who] ?? 0) - 1
            counts[who] = left > 0 ? left : nil
        }
    }

    private func hasRoom(_ counts: [String: Int], _ who: String) -> Bool {
        counts.values.reduce(0, +) < limit && (counts[who] ?? 0) < max(1, limit / 4)
    }
}
