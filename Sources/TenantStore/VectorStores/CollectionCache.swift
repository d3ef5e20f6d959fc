import Synchronization

/// What is remembered of collections, by name; safe from any thread. It forgets everything at 10,000 names.
final class CollectionCache<Value: Sendable>: Sendable {
    private let values = Mutex<[String: Value]>([:])
    private let limit = 10_000

    subscript(name: String) -> Value? {
        get { values.withLock { $0[name] } }
        set {
            values.withLock {
                if $0.count >= limit { $0.removeAll(keepingCapacity: true) }
                $0[name] = newValue
            }
        }
    }

    func forget(_ name: String) {
        values.withLock { $0[name] = nil }
    }

    func forgetAll() {
        values.withLock { $0.removeAll() }
    }
}
