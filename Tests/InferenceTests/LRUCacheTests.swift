import Connections
import Testing

@testable import Inference

@Suite struct LRUCacheTests {
    private let now = MonotonicTime(nanoseconds: 1_000)
    private let later = MonotonicTime(nanoseconds: 2_000)

    private func bytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }

    /// Room for `count` entries of a one-letter key and 100 bytes.
    private func cache(_ count: Int) -> LRUCache { LRUCache(maxBytes: count * (101 + LRUCache.overhead)) }

    @Test func letsGoOfTheOneNotUsedForLongest() {
        var cache = cache(3)
        for key in ["a", "b", "c"] { cache.insert(bytes(100), for: key, expires: later) }
        #expect(cache.value(for: "a", now: now) != nil)
        cache.insert(bytes(100), for: "d", expires: later)
        #expect(cache.value(for: "b", now: now) == nil)
        for key in ["a", "c", "d"] { #expect(cache.value(for: key, now: now) == bytes(100)) }
        #expect(cache.count == 3)
    }

    @Test func keepsItsBytesInBounds() {
        var cache = LRUCache(maxBytes: 10_000)
        var random = SystemRandomNumberGenerator()
        var kept: [String: [UInt8]] = [:]
        for _ in 0..<5_000 {
            let key = "\(Int.random(in: 0..<60, using: &random))"
            if Bool.random(using: &random) {
                let value = bytes(Int.random(in: 0..<2_000, using: &random))
                cache.insert(value, for: key, expires: later)
                kept[key] = value
            } else if let found = cache.value(for: key, now: now) {
                #expect(found == kept[key])
            }
            #expect(cache.bytes <= 10_000)
            #expect(cache.bytes >= 0)
        }
        for key in kept.keys { _ = cache.value(for: key, now: later) }
        #expect(cache.bytes == 0)
        #expect(cache.count == 0)
    }

    @Test func forgetsWhatIsTooOld() {
        var cache = cache(3)
        cache.insert(bytes(100), for: "a", expires: later)
        #expect(cache.value(for: "a", now: MonotonicTime(nanoseconds: 1_999)) != nil)
        #expect(cache.value(for: "a", now: later) == nil)
        #expect(cache.count == 0)
    }

    @Test func aNewValueTakesTheOldOnesPlace() {
        var cache = cache(2)
        cache.insert(bytes(100), for: "a", expires: now)
        cache.insert(bytes(50), for: "a", expires: later)
        #expect(cache.value(for: "a", now: now) == bytes(50))
        #expect(cache.count == 1)
        #expect(cache.bytes == 51 + LRUCache.overhead)
    }

    @Test func whatIsLargerThanAllRoomIsNotKeptAndDrivesNobodyOut() {
        var cache = cache(2)
        cache.insert(bytes(100), for: "a", expires: later)
        cache.insert(bytes(10_000), for: "b", expires: later)
        #expect(cache.value(for: "a", now: now) != nil)
        #expect(cache.value(for: "b", now: now) == nil)
        cache.insert(bytes(10_000), for: "a", expires: later)
        #expect(cache.value(for: "a", now: now) == nil)
    }
}
