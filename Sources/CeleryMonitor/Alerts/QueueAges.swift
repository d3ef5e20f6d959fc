/// How old the message at a queue's head is at least. Celery's messages carry no time, so the broker can't tell.
///
/// A queue is first in, first out: when less was delivered since a moment than was ready then, the message that is at the
/// head now was there already.
enum QueueAges {
    /// Seconds that are looked back.
    static let window = 7200.0

    /// - Parameters:
    ///   - samples: Of one queue, oldest first.
    ///   - ready: Messages that wait now.
    /// - Returns: Seconds; nil: none waits, or none is known to have waited.
    static func atLeast(_ samples: [QueueSample], ready: Int, now: Double) -> Double? {
        guard ready > 0 else { return nil }
        var (delivered, time): (Double, Double) = (0, now)
        var oldest: Double?
        for sample in samples.reversed() {
            // The rate is that of the time before the sample; what lies behind it is counted with the next one's.
            delivered += max(0, sample.delivered) * max(0, time - sample.time)
            time = sample.time
            // A message on its way counts as taken, lest the bound be too high.
            guard Double(sample.ready) > delivered.rounded(.up) else { break }
            oldest = sample.time
        }
        return oldest.map { max(0, now - $0) }
    }
}
