/// The depths of queues over a span of time, for lines and charts.
struct QueueDepths: Sendable {
    let times: [Double]
    private let samples: [String: [QueueSample?]]

    /// - Parameters:
    ///   - span: Seconds, up to now.
    ///   - queue: nil: all.
    init(_ monitor: Monitor, span: Double, step: Double, queue: String? = nil) async {
        let to = ((Format.now / step).rounded(.down) + 1) * step
        let from = to - span
        let count = max(1, Int(span / step))
        let found = (try? await monitor.history.depths(from: from, to: to, step: step, queue: queue)) ?? []
        var samples: [String: [QueueSample?]] = [:]
        for sample in found {
            let place = ((sample.time - from) / step).rounded(.down)
            guard place >= 0, place < Double(count) else { continue }
            samples[sample.queue, default: Array(repeating: nil, count: count)][Int(place)] = sample
        }
        self.samples = samples
        times = (0..<count).map { from + Double($0) * step }
    }

    func values(_ queue: String, _ value: (QueueSample) -> Double) -> [Double?] {
        samples[queue]?.map { $0.map(value) } ?? Array(repeating: nil, count: times.count)
    }

    func spark(_ queue: String) -> String {
        let values = values(queue) { Double($0.ready) + Double($0.unacknowledged) }
        let known = values.compactMap { $0 }
        guard let newest = known.last else { return "" }
        let most = Format.count(Int(known.max() ?? newest))
        return Sparkline.svg(
            values,
            label: "messages in the last hour: \(Format.count(Int(newest))) now, \(most) at most"
        )
    }
}
