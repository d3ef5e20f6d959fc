extension EventMetrics.State {
    private static let moreOfType = TaskSeries.types.map { PrometheusText.labels([("type", $0)]) }.map { [comma] + $0 }
    /// As Python writes them: `1.0`.
    private static let moreOfBound = TaskSeries.bounds.map { bound in
        [comma] + PrometheusText.labels([("le", bound.isInfinite ? "+Inf" : "\(bound)")])
    }
    private static let comma = UInt8(ascii: ",")

    /// Flower's families (`flower/events.py`, `PrometheusMetrics`), with its names, labels and help.
    func write(to text: inout PrometheusText) {
        let series = workers.values.lazy.flatMap(\.tasks.values)
        text.family("flower_events_total", .counter, "Number of events")
        for one in series {
            for (type, count) in one.events.enumerated() where count > 0 {
                text.sample(one.labels, more: Self.moreOfType[type], count)
            }
        }
        text.family("flower_task_runtime_seconds", .histogram, "Task runtime")
        for one in series { Self.write(runsOf: one, to: &text) }
        text.family(
            "flower_task_prefetch_time_seconds",
            .gauge,
            "The time the task spent waiting at the celery worker to be executed."
        )
        for one in series { if let time = one.prefetchTime { text.sample(one.labels, time) } }
        text.family(
            "flower_worker_prefetched_tasks",
            .gauge,
            "Number of tasks of given type prefetched at a worker"
        )
        for one in series { if let count = one.prefetched { text.sample(one.labels, count) } }
    }

    private static func write(runsOf series: TaskSeries, to text: inout PrometheusText) {
        var sum = 0
        guard series.runs.contains(where: { $0 > 0 }) else { return }
        for (index, count) in series.runs.enumerated() {
            sum += count
            text.sample(series.labels, more: moreOfBound[index], suffix: bucketSuffix, sum)
        }
        text.sample(series.labels, suffix: countSuffix, sum)
        text.sample(series.labels, suffix: sumSuffix, series.runtime)
    }

    private static let bucketSuffix = Array("_bucket".utf8)
    private static let countSuffix = Array("_count".utf8)
    private static let sumSuffix = Array("_sum".utf8)
}
