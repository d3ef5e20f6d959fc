/// The counters of one task on one worker, as they are stored.
struct MetricRow: Sendable, Hashable {
    var worker: String
    var task: String
    /// `TaskSeries.events` and `.runs`, separated by spaces.
    var counts: String
    var runtime: Double

    init(worker: String, task: String, counts: String, runtime: Double) {
        self.worker = worker
        self.task = task
        self.counts = counts
        self.runtime = runtime
    }

    init(worker: String, task: String, _ series: TaskSeries) {
        let counts = (series.events + series.runs).map(String.init).joined(separator: " ")
        self.init(worker: worker, task: task, counts: counts, runtime: series.runtime)
    }
}

/// What has to be stored.
struct MetricChanges: Sendable {
    var rows: [MetricRow] = []
    var removed: Set<String> = []
    var events = 0

    var isEmpty: Bool { rows.isEmpty && removed.isEmpty }
}

extension TaskSeries {
    /// Adds what is stored; a row of another version's shape, or one that nobody wrote, counts nothing.
    mutating func add(_ row: MetricRow) {
        let counts = row.counts.split(separator: " ").compactMap { Int($0) }
        guard counts.count == events.count + runs.count, counts.allSatisfy({ $0 >= 0 && $0 < 1 << 53 }),
            row.runtime.isFinite, row.runtime >= 0
        else { return }
        for index in events.indices { events[index] += counts[index] }
        for index in runs.indices { runs[index] += counts[events.count + index] }
        runtime += row.runtime
    }
}
