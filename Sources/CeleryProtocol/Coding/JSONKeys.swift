/// The keys that an object has so far.
struct JSONKeys {
    /// Up to this many a list is searched; beyond, a set.
    private static let few = 16

    private var list: [String] = []
    private var set: Set<String> = []

    /// Adds a key; false when it is there already.
    @inline(__always)
    mutating func insert(_ key: String) -> Bool {
        if list.count < Self.few {
            if list.contains(key) { return false }
            list.append(key)
            return true
        }
        if set.isEmpty { set = Set(list) }
        return set.insert(key).inserted
    }
}
