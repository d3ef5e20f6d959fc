import CeleryProtocol
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Schedules as real Celery computes them")
struct ScheduleFixtureTests {
    let fixture: BeatFixture

    init() throws { fixture = try BeatFixture.load() }

    @Test("900 random crontabs in 12 zones, a third of them near a change of the clock")
    func crontabs() throws {
        #expect(fixture.crontabs.count == 900)
        for one in fixture.crontabs {
            let zone = try #require(TimeZone(identifier: one.zone))
            let next = try Crontab(one.text).next(after: Timestamp(seconds: one.last), in: zone)
            #expect(next == Timestamp(seconds: one.next), "\(one)")
        }
    }

    @Test("What each field accepts")
    func fields() throws {
        #expect(fixture.fields.count > 300)
        for one in fixture.fields {
            let field = try #require(CrontabField(rawValue: one.field))
            let bits = try? field.parse(one.text)
            let values = bits.map { bits in (0..<64).filter { bits & 1 << UInt64($0) != 0 } }
            #expect(values == one.values, "\(one)")
        }
    }

    @Test("Intervals, plain and relative")
    func intervals() throws {
        #expect(fixture.intervals.count == 250)
        for one in fixture.intervals {
            let zone = try #require(TimeZone(identifier: one.zone))
            let last = Timestamp(seconds: one.last)
            let schedule = IntervalSchedule(every: .seconds(one.every), isRelative: one.isRelative)
            #expect(schedule.next(after: last, anchor: last, in: zone) == Timestamp(seconds: one.next), "\(one)")
        }
    }

    @Test("The sun's events, within a minute of ephem")
    func solar() throws {
        #expect(fixture.solar.count == 500)
        for one in fixture.solar { try check(one, tolerance: 60) }
    }

    @Test("Days without the event are passed over; how long is decided by a hair's breadth of the sun's path")
    func rareEvents() throws {
        #expect(fixture.rare.count == 40)
        for one in fixture.rare { try check(one, tolerance: 86_400) }
    }

    private func check(_ one: BeatFixture.SolarCase, tolerance: Double) throws {
        let event = try #require(SolarEvent(rawValue: one.event))
        let schedule = SolarSchedule(event: event, latitude: one.latitude, longitude: one.longitude)
        let next = try #require(schedule.next(after: Timestamp(seconds: one.last)))
        #expect(abs(next.secondsSince1970 - Double(one.next)) <= tolerance, "\(one): \(next)")
    }
}
