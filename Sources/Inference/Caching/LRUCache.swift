import Connections

/// Byte strings by key, bounded by their bytes and by age: the one that was not used for longest goes first.
///
/// A value without a clock; every operation takes constant time.
package struct LRUCache: Sendable {
    private struct Entry: Sendable {
        var key: String
        var value: [UInt8]
        var expires: MonotonicTime
        /// The neighbours in the order of use; -1 at the ends.
        var newer: Int
        var older: Int
    }

    private let maxBytes: Int
    private var slots: [String: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1
    package private(set) var bytes = 0

    package var count: Int { slots.count }

    package init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// What an entry costs beside its key and value, about.
    static let overhead = 96

    package mutating func value(for key: String, now: MonotonicTime) -> [UInt8]? {
        guard let slot = slots[key] else { return nil }
        guard entries[slot].expires > now else {
            remove(slot)
            return nil
        }
        unlink(slot)
        link(slot)
        return entries[slot].value
    }

    /// Keeps a value, and lets go of others for it; one larger than all of the room is not kept.
    package mutating func insert(_ value: [UInt8], for key: String, expires: MonotonicTime) {
        if let slot = slots[key] { remove(slot) }
        let size = Self.size(key, value)
        guard size <= maxBytes else { return }
        while bytes + size > maxBytes, oldest >= 0 { remove(oldest) }
        let entry = Entry(key: key, value: value, expires: expires, newer: -1, older: -1)
        let slot: Int
        if let unused = free.popLast() {
            slot = unused
            entries[slot] = entry
        } else {
            slot = entries.count
            entries.append(entry)
        }
        slots[key] = slot
        bytes += size
        link(slot)
    }

    private static func size(_ key: String, _ value: [UInt8]) -> Int { key.utf8.count + value.count + overhead }

    private mutating func remove(_ slot: Int) {
        unlink(slot)
        bytes -= Self.size(entries[slot].key, entries[slot].value)
        slots[entries[slot].key] = nil
        entries[slot].value = []
        free.append(slot)
    }

    private mutating func link(_ slot: Int) {
        entries[slot].older = newest
        entries[slot].newer = -1
        if newest >= 0 { entries[newest].newer = slot } else { oldest = slot }
        newest = slot
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (entries[slot].newer, entries[slot].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
