import CeleryProtocol
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Crontabs")
struct CrontabTests {
    private let berlin = TimeZone(identifier: "Europe/Berlin")!

    private func times(_ text: String, after start: String, count: Int) throws -> [String] {
        let crontab = try Crontab(text)
        var times: [String] = []
        var time = moment(start)
        for _ in 0..<count {
            time = try #require(crontab.next(after: time, in: berlin))
            times.append(BeatListing.text(time, in: berlin))
        }
        return times
    }

    @Test("A time that does not exist comes once, at the end of the gap")
    func gap() throws {
        #expect(
            try times("30 2 * * *", after: "2026-03-28T12:00:00Z", count: 2) == [
                "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00",
            ]
        )
        #expect(
            try times("*/20 2,3 * * *", after: "2026-03-29T00:30:00Z", count: 4) == [
                "2026-03-29T03:00:00+02:00", "2026-03-29T03:20:00+02:00", "2026-03-29T03:40:00+02:00",
                "2026-03-30T02:00:00+02:00",
            ]
        )
    }

    @Test("A time that comes twice counts once, the first time")
    func overlap() throws {
        #expect(
            try times("30 2 * * *", after: "2026-10-24T12:00:00Z", count: 2) == [
                "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00",
            ]
        )
        #expect(
            try times("*/30 * * * *", after: "2026-10-24T23:45:00Z", count: 4) == [
                "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00",
                "2026-10-25T03:30:00+01:00",
            ]
        )
        // Begun in the second pass.
        #expect(try times("*/30 * * * *", after: "2026-10-25T01:10:00Z", count: 1) == ["2026-10-25T03:00:00+01:00"])
    }

    @Test("All day fields must match")
    func fridayThe13th() throws {
        #expect(
            try times("0 4 13 * fri", after: "2026-01-01T00:00:00Z", count: 4) == [
                "2026-02-13T04:00:00+01:00", "2026-03-13T04:00:00+01:00", "2026-11-13T04:00:00+01:00",
                "2027-08-13T04:00:00+02:00",
            ]
        )
        #expect(try times("0 0 29 feb mon", after: "2026-01-01T00:00:00Z", count: 1) == ["2044-02-29T00:00:00+01:00"])
    }

    @Test(
        "What is refused, by field and value",
        arguments: [
            ("61 * * * *", "minute: \"61\" is not within 0 to 59"),
            ("* * * * 7", "day_of_week: \"7\" is not within 0 to 6; Sunday is 0"),
            ("* * 0 * *", "day_of_month: \"0\" is not within 1 to 31"),
            ("* * * 1,,2 *", "month_of_year: \"1,,2\" has nothing between, before or after its commas"),
            ("* x * * *", "hour: \"x\" is no number"),
            ("* * * * mon-jan", "day_of_week: \"jan\" is no number or a weekday's name"),
            ("5/2 * * * *", "minute: \"5/2\" has a step but no range; write 5-59/2"),
            ("*/0 * * * *", "minute: \"*/0\" needs a whole number from 1 after the /"),
            ("1-2-3 * * * *", "minute: \"1-2-3\" is no number and no range such as 1-5"),
            ("* * 30,31 feb *", "day_of_month: \"30,31\" never occurs in month_of_year \"feb\""),
            ("* * * *", "needs five fields, minute hour day_of_month month_of_year day_of_week, and has 4"),
        ]
    )
    func refused(text: String, message: String) {
        #expect(throws: CrontabError.self) { try Crontab(text) }
        do { _ = try Crontab(text) } catch { #expect("\(error)" == message) }
    }
}
