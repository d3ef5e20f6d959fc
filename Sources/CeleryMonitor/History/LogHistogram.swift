import Foundation

/// How often durations of about each length came: buckets that each are a twelfth of a doubling wide, from 0.1 ms to
/// about 12 days, so that percentiles are right to 3 %.
struct LogHistogram: Sendable, Hashable {
    private static let perDoubling = 12.0
    private static let shortest = 1e-4
    private static let last = 400

    /// By bucket; those without any are missing.
    private(set) var counts: [Int: Int] = [:]

    var total: Int { counts.values.reduce(0, +) }

    /// Negative and foreign numbers are not counted.
    mutating func add(_ seconds: Double) {
        guard seconds.isFinite, seconds >= 0 else { return }
        let bucket = log2(max(seconds, Self.shortest) / Self.shortest) * Self.perDoubling
        counts[min(Int(bucket), Self.last), default: 0] += 1
    }

    mutating func add(_ other: LogHistogram) { counts.merge(other.counts, uniquingKeysWith: &+) }

    /// Nil when nothing was counted.
    var percentiles: Percentiles? {
        let total = total
        guard total > 0 else { return nil }
        let sorted = counts.sorted { $0.key < $1.key }
        func value(_ share: Double) -> Double {
            var seen = 0
            for (bucket, count) in sorted {
                seen += count
                if Double(seen) >= share * Double(total) { return Self.middle(bucket) }
            }
            return Self.middle(sorted.last?.key ?? 0)
        }
        return Percentiles(p50: value(0.5), p95: value(0.95), p99: value(0.99))
    }

    private static func middle(_ bucket: Int) -> Double { shortest * exp2((Double(bucket) + 0.5) / perDoubling) }

    // MARK: On disk

    /// Pairs of the distance to the bucket before and the count, seven bits to a byte.
    var bytes: Data {
        var (bytes, before) = (Data(), 0)
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            Self.append(bucket - before, to: &bytes)
            Self.append(count, to: &bytes)
            before = bucket
        }
        return bytes
    }

    init() {}

    /// What can't be read is left out.
    init(_ bytes: Data) {
        var (numbers, number, shift) = ([Int](), 0, 0)
        for byte in bytes where shift < 56 {
            number |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(number)
                (number, shift) = (0, 0)
            }
        }
        var bucket = 0
        for pair in stride(from: 0, to: numbers.count - 1, by: 2) {
            bucket = min(bucket &+ numbers[pair], Self.last)
            counts[bucket, default: 0] &+= numbers[pair + 1]
        }
    }

    private static func append(_ number: Int, to bytes: inout Data) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
