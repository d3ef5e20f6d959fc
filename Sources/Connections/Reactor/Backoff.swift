/// Pauses that double from `shortest` to `longest`, each shortened by a random part of up to one half.
package struct Backoff: Sendable {
    package var shortest: Duration = .milliseconds(50)
    package var longest: Duration = .seconds(5)
    private var failures = 0

    package init() {}

    /// The next pause, in nanoseconds.
    mutating func next() -> Int64 {
        let ceiling = max(1, longest.nanoseconds)
        let floor = min(max(1, shortest.nanoseconds), ceiling)
        let (grown, overflow) = floor.multipliedReportingOverflow(by: 1 << Int64(min(failures, 30)))
        failures += 1
        return jittered(overflow ? ceiling : min(grown, ceiling))
    }

    /// The longest pause, for what will not mend itself soon.
    func nextLongest() -> Int64 { jittered(max(1, longest.nanoseconds)) }

    mutating func reset() { failures = 0 }

    private func jittered(_ pause: Int64) -> Int64 { pause - Int64.random(in: 0...(pause / 2)) }
}
