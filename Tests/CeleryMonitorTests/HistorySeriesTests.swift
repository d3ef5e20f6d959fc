import CeleryProtocol
import Foundation
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct HistorySeriesTests {
    /// Series are chosen by how long ago something was, so these tests live now.
    private static let now = (Date().timeIntervalSince1970 / 3600).rounded(.down) * 3600

    @Test func everyEventIsCountedOnceWhereItBelongs() async throws {
        let history = try Fixture.history()
        for number in 0..<60 {
            let time = Self.now - 600 + Double(number * 10)
            let events = Fixture.run("id-\(number)", "n\(number % 2)", at: time, by: "celery@\(number % 3)", runtime: 2)
            try await history.add(events, now: time + 3)
        }
        for step in [10.0, 60, 300, 3600] {
            for filter in [
                SeriesFilter(), SeriesFilter(name: "n0"), SeriesFilter(worker: "celery@1"),
                SeriesFilter(name: "n0", worker: "celery@1"),
            ] {
                let buckets = try await history.series(from: Self.now - 3600, to: Self.now, step: step, filter)
                let share = (filter.name == nil ? 1 : 2) * (filter.worker == nil ? 1 : 3)
                #expect(buckets.reduce(0) { $0 + $1.succeeded } == 60 / share, "\(step) \(filter)")
                #expect(buckets.reduce(0) { $0 + $1.received } == 60 / share)
                #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $1.time > $0.time })
                let runtime = try #require(buckets.compactMap(\.runtime).first)
                let waiting = try #require(buckets.compactMap(\.waiting).first)
                #expect(abs(runtime.p50 - 2) < 0.1 && abs(waiting.p99 - 0.25) < 0.02)
            }
        }
    }

    @Test func foreignClocksDoNotScatterTheCounts() async throws {
        let history = try Fixture.history()
        try await history.add([Fixture.event("received", "a", at: Self.now - 86_400 * 300)], now: Self.now - 30)
        try await history.add([Fixture.event("received", "b", at: Self.now + 80_000)], now: Self.now - 30)
        let buckets = try await history.series(from: Self.now - 60, to: Self.now, step: 10)
        #expect(buckets.reduce(0) { $0 + $1.received } == 2)
    }

    @Test(arguments: [
        (0.0, 0.0, 1.0), (5, 3, 1), (.nan, 1, 1), (0, .infinity, 1), (-5, 5, 1), (0, 1e9, 0), (0, 1e9, .nan),
        (0, 9e9, 1),
    ])
    func foreignRangesHarmNothing(from: Double, to: Double, step: Double) async throws {
        let buckets = try await Fixture.history().series(from: from, to: to, step: step)
        #expect(buckets.count <= 5001)
        _ = try await Fixture.history().depths(from: from, to: to, step: step, queue: nil)
    }

    @Test func percentilesAreRightToAFewPercent() throws {
        var histogram = LogHistogram()
        for number in 1...1000 { histogram.add(Double(number) / 100) }
        let found = try #require(LogHistogram(histogram.bytes).percentiles)
        #expect(abs(found.p50 / 5 - 1) < 0.04 && abs(found.p95 / 9.5 - 1) < 0.04 && abs(found.p99 / 9.9 - 1) < 0.04)
        #expect(LogHistogram(histogram.bytes) == histogram)
        for seconds in [0, -1, .nan, .infinity, 1e300] { histogram.add(seconds) }
        #expect(histogram.total == 1002)
        #expect(LogHistogram(Data((0..<255).map { UInt8($0) } + Array(repeating: 0xFF, count: 99))).total >= 0)
    }

    @Test func depthsAreThinned() async throws {
        let history = try Fixture.history()
        for second in 0..<120 {
            let sample = QueueSample(
                queue: "q",
                time: Self.now - 120 + Double(second),
                ready: second,
                unacknowledged: 1,
                consumers: 2,
                published: 3,
                delivered: 4
            )
            try await history.add([sample])
        }
        #expect(
            try await history.depths(from: Self.now - 120, to: Self.now, step: 5, queue: "q").map(\.ready)
                == Array(stride(from: 0, to: 120, by: 5))
        )
        #expect(
            try await history.depths(from: Self.now - 120, to: Self.now, step: 60, queue: nil).map(\.ready) == [0, 60]
        )
        #expect(try await history.depths(from: Self.now - 120, to: Self.now, step: 60, queue: "other").isEmpty)
    }

    @Test func workflowsAreTasksOfOneRoot() async throws {
        let history = try Fixture.history()
        for root in 0..<5 {
            let time = Self.now + Double(root)
            var events = [Fixture.event("received", "root-\(root)", at: time, ["root_id": .string("root-\(root)")])]
            for child in 0..<root {
                events.append(
                    Fixture.event("succeeded", "child-\(root)-\(child)", at: time, ["root_id": .string("root-\(root)")])
                )
            }
            try await history.add(events, now: time)
        }
        let first = try await history.workflows(after: nil, limit: 3)
        #expect(first.rows.map(\.root.id) == ["root-4", "root-3", "root-2"])
        #expect(first.rows[0].tasks == 5 && first.rows[0].states == ["SUCCESS": 4, "RECEIVED": 1])
        let second = try await history.workflows(after: first.next, limit: 3)
        #expect(second.rows.map(\.root.id) == ["root-1"] && second.next == nil)
        #expect(try await history.workflow("root-4", limit: 100).count == 5)
        #expect(try await history.tasks(TaskFilter(root: "root-4"), after: nil, limit: 100).total == 5)
    }
}
