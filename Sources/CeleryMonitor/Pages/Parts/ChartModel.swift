import Foundation

/// A chart for the partial `chart.html`: drawn by monitor/charts.js, a table for readers without scripts.
struct ChartModel: Sendable {
    enum Kind: String, Sendable, Encodable { case line, area, bar }

    struct Series: Sendable, Encodable {
        var name: String
        /// A custom property of style.css, without its dashes: `series-1`.
        var color: String
        var values: [Double?]
    }

    /// What a table's row shows.
    struct Row: Sendable {
        var head: String
        var cells: [String]
    }

    var chartTitle: String
    var chartNote: String
    /// What a screen reader says instead of the picture.
    var chartLabel: String
    var chartJSON: String
    var columns: [String]
    var rows: [Row]

    private struct Drawing: Encodable {
        var type: Kind
        var unit: String
        var stacked: Bool
        var times: [Double]
        var series: [Series]
    }

    /// - Parameters:
    ///   - times: The beginning of each point; seconds since 1970.
    ///   - unit: `s`, `/s`, `%` or nothing.
    init(
        _ title: String,
        note: String = "",
        kind: Kind,
        unit: String = "",
        stacked: Bool = false,
        times: [Double],
        series: [Series]
    ) {
        chartTitle = title
        chartNote = note
        let series = series.map { one in
            var one = one
            one.values = one.values.map { $0.flatMap { $0.isFinite ? Self.rounded($0) : nil } }
            return one
        }
        let drawing = Drawing(type: kind, unit: unit, stacked: stacked, times: times, series: series)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        chartJSON = (try? encoder.encode(drawing)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        columns = series.map(\.name)
        chartLabel =
            "\(title), \(note): "
            + series.map { one in
                let newest = one.values.last { $0 != nil } ?? nil
                return "\(one.name) \(newest.map { Self.text($0, unit) } ?? "unknown")"
            }.joined(separator: ", ")
        // The newest: a table of all points helps nobody.
        rows = times.indices.suffix(10).reversed().map { place in
            Row(
                head: Format.time(times[place]).text,
                cells: series.map { one in
                    guard place < one.values.count, let value = one.values[place] else { return "–" }
                    return Self.text(value, unit)
                }
            )
        }
    }

    private static func text(_ value: Double, _ unit: String) -> String {
        switch unit {
        case "s": Format.duration(value)
        case "/s": Format.rate(value)
        case "%": Format.percent(value / 100)
        default: Format.count(Int(min(max(value.rounded(), -1e15), 1e15)))
        }
    }

    /// Four digits are more than a chart can show.
    private static func rounded(_ value: Double) -> Double {
        guard value != 0 else { return 0 }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        guard scale.isFinite, scale > 0 else { return value }
        return (value * scale).rounded() / scale
    }
}

extension ChartModel {
    /// Runs by how they ended.
    static func throughput(_ buckets: [SeriesBucket], step: Double, _ range: TimeRange) -> ChartModel {
        func rate(_ count: KeyPath<SeriesBucket, Int>) -> [Double?] {
            buckets.map { Double($0[keyPath: count]) / step }
        }
        return ChartModel(
            "Throughput",
            note: "tasks per second, \(range.words)",
            kind: .bar,
            unit: "/s",
            stacked: true,
            times: buckets.map(\.time),
            series: [
                Series(name: "succeeded", color: "series-4", values: rate(\.succeeded)),
                Series(name: "failed", color: "series-2", values: rate(\.failed)),
                Series(name: "retried", color: "series-3", values: rate(\.retried)),
                Series(name: "revoked", color: "series-5", values: rate(\.revoked)),
            ]
        )
    }

    /// How long runs took, and how long tasks waited for one.
    static func latency(_ buckets: [SeriesBucket], _ range: TimeRange) -> ChartModel {
        ChartModel(
            "Latency",
            note: "run time and waiting, \(range.words)",
            kind: .line,
            unit: "s",
            times: buckets.map(\.time),
            series: [
                Series(name: "run p50", color: "series-1", values: buckets.map(\.runtime?.p50)),
                Series(name: "run p95", color: "series-5", values: buckets.map(\.runtime?.p95)),
                Series(name: "run p99", color: "series-7", values: buckets.map(\.runtime?.p99)),
                Series(name: "waited p95", color: "series-8", values: buckets.map(\.waiting?.p95)),
            ]
        )
    }

    /// Messages in each queue; the deepest seven, and what the others hold together.
    static func depths(_ samples: [QueueSample], times: [Double], step: Double, _ range: TimeRange) -> ChartModel {
        var byQueue: [String: [Double?]] = [:]
        guard let first = times.first else {
            return ChartModel("Queue depth", note: range.words, kind: .line, times: [], series: [])
        }
        for sample in samples {
            let place = Int(min(max((sample.time - first) / step, -1), 1e6).rounded(.down))
            guard times.indices.contains(place) else { continue }
            byQueue[sample.queue, default: Array(repeating: nil, count: times.count)][place] =
                Double(sample.ready) + Double(sample.unacknowledged)
        }
        let sorted = byQueue.sorted { one, other in
            let (a, b) = (one.value.compactMap { $0 }.max() ?? 0, other.value.compactMap { $0 }.max() ?? 0)
            return a == b ? one.key < other.key : a > b
        }
        // Of the deepest; in order of name, so that a queue keeps its colour while it is among them.
        var series = sorted.prefix(7).sorted { $0.key < $1.key }.enumerated().map { place, queue in
            Series(name: queue.key, color: "series-\(place + 1)", values: queue.value)
        }
        if sorted.count > 7 {
            let rest = sorted.dropFirst(7).reduce(into: [Double?](repeating: nil, count: times.count)) { sum, queue in
                for (place, value) in queue.value.enumerated() where value != nil {
                    sum[place] = (sum[place] ?? 0) + (value ?? 0)
                }
            }
            series.append(Series(name: "\(sorted.count - 7) others", color: "series-8", values: rest))
        }
        return ChartModel(
            "Queue depth",
            note: "messages, \(range.words)",
            kind: .line,
            times: times,
            series: series
        )
    }
}
