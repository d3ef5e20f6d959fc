import CeleryProtocol
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Which runs are sent")
struct DueRunsTests {
    private let start = moment("2026-01-01T00:00:00Z")

    private func entry(_ schedule: BeatSchedule, _ catchUp: CatchUp, limit: Int = 100) -> BeatEntry {
        var entry = BeatEntry(name: "e", task: "t", schedule: schedule)
        entry.catchUp = catchUp
        entry.catchUpLimit = limit
        return entry
    }

    private func every(_ seconds: Double) -> BeatSchedule { .interval(IntervalSchedule(every: .seconds(seconds))) }

    private func due(_ entry: BeatEntry, after seconds: Double, deadline: Duration? = nil) -> DueRuns {
        DueRuns(
            of: entry,
            last: start,
            now: start.advanced(by: .seconds(seconds)),
            grace: .seconds(20),
            deadline: deadline
        )
    }

    /// Seconds after the start.
    private func offsets(_ times: [Timestamp]) -> [Double] {
        times.map { Double($0.microsecondsSince1970 - start.microsecondsSince1970) / 1_000_000 }
    }

    @Test("Nothing before its time, and it says when that is")
    func early() {
        let due = due(entry(every(30), .once), after: 29.9)
        #expect(due.runs.isEmpty && due.dropped == 0 && due.last == start)
        #expect(offsets([due.next!]) == [30])
    }

    @Test(
        "A run in time, whatever the policy; the next counts from its time and not from now",
        arguments: CatchUp.allCases
    )
    func inTime(policy: CatchUp) {
        let due = due(entry(every(30), policy), after: 31)
        #expect(offsets(due.runs) == [30] && due.dropped == 0)
        #expect(offsets([due.last, due.next!]) == [30, 60])
    }

    @Test("Missed runs: none, the latest, each")
    func missed() {
        let skipped = due(entry(every(600), .skip), after: 3000 + 300)
        #expect(skipped.runs.isEmpty && skipped.dropped > 0)
        #expect(offsets([skipped.last, skipped.next!]) == [3000, 3600])
        let once = due(entry(every(600), .once), after: 3300)
        #expect(offsets(once.runs) == [3000] && offsets([once.next!]) == [3600])
        let all = due(entry(every(600), .all), after: 3300)
        #expect(offsets(all.runs) == [600, 1200, 1800, 2400, 3000] && all.dropped == 0)
    }

    @Test("skip sends what became due while another beat took over")
    func graceOfSkip() {
        #expect(offsets(due(entry(every(600), .skip), after: 3019).runs) == [3000])
        #expect(due(entry(every(600), .skip), after: 3021).runs.isEmpty)
    }

    @Test("all is bounded: the newest are sent")
    func bounded() {
        let due = due(entry(every(1), .all, limit: 3), after: 86_400 * 365)
        #expect(offsets(due.runs) == [31_535_998, 31_535_999, 31_536_000] && due.dropped > 0)
    }

    @Test("Years of missed minutes are not walked through")
    func longAgo() throws {
        let crontab = BeatSchedule.crontab(try Crontab("* * * * *"))
        let time = ContinuousClock().measure {
            #expect(due(entry(crontab, .all), after: 86_400 * 3650).runs.count == 100)
        }
        #expect(time < .seconds(2))
    }

    @Test("cron_starting_deadline drops old runs of crontabs, and of nothing else")
    func deadline() throws {
        let hourly = BeatSchedule.crontab(try Crontab("0 * * * *"))
        #expect(due(entry(hourly, .once), after: 3600 + 100, deadline: .seconds(99)).runs.isEmpty)
        #expect(offsets(due(entry(hourly, .once), after: 3600 + 100, deadline: .seconds(100)).runs) == [3600])
        #expect(
            offsets(due(entry(hourly, .all), after: 5 * 3600, deadline: .seconds(7200)).runs) == [10800, 14400, 18000]
        )
        #expect(offsets(due(entry(every(3600), .once), after: 3600 + 100, deadline: .seconds(99)).runs) == [3600])
    }

    @Test("A clock that was set back is waited for; one that had been plainly wrong is not")
    func clockSetBack() throws {
        let interval = entry(every(30), .once)
        #expect(!interval.isFromWrongClock(start, now: start.advanced(by: .seconds(-59))))
        #expect(interval.isFromWrongClock(start, now: start.advanced(by: .seconds(-61))))
        let crontab = entry(.crontab(try Crontab("0 4 * * *")), .once)
        #expect(!crontab.isFromWrongClock(start, now: start.advanced(by: .seconds(-3600))))
        #expect(crontab.isFromWrongClock(start, now: start.advanced(by: .seconds(-86_401))))
        #expect(due(interval, after: -10).runs.isEmpty)
    }

    @Test("Ids are those of the run: the same for the same, and of the shape of a UUID")
    func ids() throws {
        let celery = Celery(configuration: WorkerConfiguration())
        defer { celery.close() }
        let sender = BeatSender(celery: celery, prefix: "p:")
        let id = sender.id(of: "e", at: start)
        #expect(id == sender.id(of: "e", at: start) && id != sender.id(of: "f", at: start))
        #expect(id != sender.id(of: "e", at: start.advanced(by: .seconds(1))))
        #expect(id != BeatSender(celery: celery, prefix: "q:").id(of: "e", at: start))
        #expect(UUID(uuidString: id)?.uuidString.lowercased() == id)
    }
}
