import CeleryProtocol
import OrderedCollections
import Synchronization
import Testing

@testable import CeleryMonitor

@Suite struct ExpositionTests {
    private func text(_ write: (inout PrometheusText) -> Void) -> String {
        var text = PrometheusText()
        write(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private func metrics(_ metrics: EventMetrics) -> String {
        text { text in metrics.snapshot.write(to: &text) }
    }

    private func hub(_ metrics: EventMetrics) -> EventHub { EventHub(metrics: metrics, stream: EventStream()) }

    private func life(_ id: String, _ name: String, _ worker: String, runtime: Double = 0.02) -> [CeleryMap] {
        func event(_ type: String, _ time: Double) -> CeleryMap {
            ["type": .string(type), "uuid": .string(id), "hostname": .string(worker), "timestamp": .double(time)]
        }
        var received = event("task-received", 100)
        received["name"] = .string(name)
        received["eta"] = .null
        var succeeded = event("task-succeeded", 100.7)
        succeeded["runtime"] = .double(runtime)
        return [received, event("task-started", 100.5), succeeded]
    }

    @Test func familiesHaveTheirHeadOnce() {
        let found = text { text in
            text.family("a_total", .counter, "With \\ and\nlines")
            text.sample([("x", "1")], 2)
            text.sample([], 0.5)
        }
        #expect(
            found == "# HELP a_total With \\\\ and\\nlines\n# TYPE a_total counter\na_total{x=\"1\"} 2\na_total 0.5\n"
        )
    }

    @Test func labelsAreEscaped() {
        let hostile = "a\"b\\c\nd{}=,"
        let found = String(decoding: PrometheusText.labels([("x", hostile)]), as: UTF8.self)
        #expect(found == #"x="a\"b\\c\nd{}=,""#)
    }

    @Test func labelsAreBounded() {
        let long = String(repeating: "ü", count: 1000)
        #expect(PrometheusText.bounded(long).utf8.count == PrometheusText.maxLabel)
        #expect(PrometheusText.bounded("short") == "short")
    }

    @Test(arguments: [(1.0, "1"), (0.25, "0.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN")])
    func numbers(value: Double, expected: String) {
        let found = text { text in
            text.family("a", .gauge, "")
            text.sample([], value)
        }
        #expect(found.hasSuffix("a \(expected)\n"))
    }

    @Test func aTasksEventsAreCountedUnderItsName() {
        let counted = EventMetrics()
        hub(counted).observe(life("1", "t", "w") + life("2", "t", "w", runtime: 20))
        let found = metrics(counted)
        for type in ["received", "started", "succeeded"] {
            #expect(found.contains(#"flower_events_total{task="t",worker="w",type="task-\#(type)"} 2"#))
        }
        #expect(found.contains(#"flower_task_runtime_seconds_bucket{task="t",worker="w",le="0.01"} 0"#))
        #expect(found.contains(#"flower_task_runtime_seconds_bucket{task="t",worker="w",le="0.025"} 1"#))
        #expect(found.contains(#"flower_task_runtime_seconds_bucket{task="t",worker="w",le="10.0"} 1"#))
        #expect(found.contains(#"flower_task_runtime_seconds_bucket{task="t",worker="w",le="+Inf"} 2"#))
        #expect(found.contains(#"flower_task_runtime_seconds_count{task="t",worker="w"} 2"#))
        #expect(found.contains(#"flower_task_runtime_seconds_sum{task="t",worker="w"} 20.02"#))
        #expect(found.contains(#"flower_worker_prefetched_tasks{task="t",worker="w"} 0"#))
    }

    @Test func prefetchedTasksAreThoseThatWait() {
        let counted = EventMetrics()
        let hub = hub(counted)
        let (one, two) = (life("1", "t", "w"), life("2", "t", "w"))
        hub.observe([one[0], two[0]])
        #expect(metrics(counted).contains(#"flower_worker_prefetched_tasks{task="t",worker="w"} 2"#))
        hub.observe([one[1]])
        #expect(metrics(counted).contains(#"flower_worker_prefetched_tasks{task="t",worker="w"} 1"#))
        #expect(metrics(counted).contains(#"flower_task_prefetch_time_seconds{task="t",worker="w"} 0.5"#))
    }

    @Test func strangersCannotFillTheMemory() {
        let counted = EventMetrics(maxSeries: 100, maxTasks: 10)
        let hub = hub(counted)
        for number in 0..<1000 { hub.observe(life("\(number)", "task\(number)", "worker\(number)")) }
        let state = counted.snapshot
        #expect(state.series <= 111 && state.tasks.count == 10)
        let sum = state.workers.values.flatMap(\.tasks.values).map(\.total).reduce(0, +)
        #expect(sum == 3000, "what has no series of its own is counted all the same")
    }

    @Test(
        arguments: [
            ["type": "task-received"], ["hostname": "w"], [:], ["type": 5, "hostname": "w"],
            ["type": "task-succeeded", "hostname": "w", "uuid": "x", "runtime": "long"],
            ["type": "task-succeeded", "hostname": "w", "uuid": "x", "runtime": -1],
            ["type": "task-", "hostname": "", "uuid": ""], ["type": "worker-\n", "hostname": "w"],
        ] as [CeleryMap]
    )
    func oddEventsDoNotTrap(event: CeleryMap) {
        let counted = EventMetrics()
        hub(counted).observe([event])
        #expect(!metrics(counted).contains("worker-\n"))
    }

    @Test func silentWorkersDisappear() {
        let clock = Mutex(0.0)
        let counted = EventMetrics(now: { clock.withLock { $0 } })
        hub(counted).observe(life("1", "t", "dead") + life("2", "t", "alive"))
        clock.withLock { $0 = 1000 }
        counted.forget(silentFor: 300) { $0 == "alive" }
        let found = metrics(counted)
        #expect(!found.contains("dead") && found.contains(#"worker="alive""#))
        #expect(counted.takeUnsaved().removed == ["dead"])
    }

    @Test func countersGoOnWhereTheyWere() {
        let before = EventMetrics()
        hub(before).observe(life("1", "t", "w"))
        let changes = before.takeUnsaved()
        #expect(before.takeUnsaved().isEmpty)
        let after = EventMetrics()
        hub(after).observe(life("2", "t", "w"))
        after.restore(changes.rows, events: changes.events)
        #expect(metrics(after).contains(#"flower_events_total{task="t",worker="w",type="task-succeeded"} 2"#))
        #expect(after.snapshot.events == 6)
        after.restore([MetricRow(worker: "w", task: "t", counts: "1 2 -3 x", runtime: .nan)], events: 0)
        #expect(metrics(after).contains(#"flower_task_runtime_seconds_count{task="t",worker="w"} 2"#))
    }

    /// A hundred milliseconds are promised for an optimised build; here is room for one without optimisation and for
    /// neighbours on the machine.
    @Test func manyWorkersAreWrittenQuickly() {
        let counted = EventMetrics()
        let hub = hub(counted)
        for worker in 0..<1000 {
            for task in 0..<50 { hub.observe(life("\(worker)-\(task)", "task\(task)", "worker\(worker)")) }
        }
        let state = counted.snapshot
        #expect(state.series <= 10_050)
        var best = Duration.seconds(60)
        for _ in 0..<3 {
            best = min(best, ContinuousClock().measure { _ = text { text in state.write(to: &text) } })
        }
        print("a scrape of \(state.series) series: \(best)")
        #expect(best < .seconds(2))
    }
}
