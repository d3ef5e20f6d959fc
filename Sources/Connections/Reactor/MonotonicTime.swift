// The compiler counts `timespec` among the first C module that includes it.
import CRabbitMQ
import Glibc

/// A point on the clock that never goes back, in nanoseconds since the machine started (`CLOCK_MONOTONIC`).
package struct MonotonicTime: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let distantFuture = MonotonicTime(nanoseconds: .max)

    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// The time that is `duration` later; `distantFuture` if it lies beyond the clock's end.
    package func advanced(by duration: Duration) -> MonotonicTime {
        advanced(byNanoseconds: duration.nanoseconds)
    }

    package func advanced(byNanoseconds distance: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
        return overflow ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    /// How long it is from `earlier` to this time, in nanoseconds.
    package func nanoseconds(since earlier: MonotonicTime) -> Int64 { nanoseconds &- earlier.nanoseconds }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
    /// The whole duration in nanoseconds, at most `Int64.max` (292 years).
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds with as many decimals as needed, to the millisecond: `10`, `0.250`.
    var inSeconds: String {
        let milliseconds = nanoseconds / 1_000_000
        return milliseconds % 1_000 == 0
            ? "\(milliseconds / 1_000)" : "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }
}

/// Seconds and microseconds since 1970 (UTC), read from the system's wall clock.
package enum WallClock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package static var microseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    package static var seconds: Double { Double(microseconds) / 1e6 }
}
