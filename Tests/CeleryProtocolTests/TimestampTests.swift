import Testing

@testable import CeleryProtocol

@Suite struct TimestampTests {
    @Test func readsWhatDateutilReads() throws {
        for time in try PythonFixture.load().times {
            #expect(Timestamp(iso: time.text)?.microsecondsSince1970 == time.microseconds, "\(time.text)")
        }
    }

    @Test func printsWhatPythonPrints() throws {
        for stamp in try PythonFixture.load().stamps {
            let timestamp = Timestamp(microsecondsSince1970: stamp.microseconds)
            #expect(timestamp.iso == stamp.iso)
            #expect(Timestamp(iso: stamp.iso) == timestamp)
        }
    }

    @Test func comparesByTime() {
        #expect(Timestamp(microsecondsSince1970: 1) < Timestamp(microsecondsSince1970: 2))
        #expect(Timestamp(microsecondsSince1970: -1_500_000).secondsSince1970 == -1.5)
    }

    @Test func momentsThatPythonCannotHoldAreClamped() {
        #expect(Timestamp(microsecondsSince1970: .min).iso == "0001-01-01T00:00:00+00:00")
        #expect(Timestamp(microsecondsSince1970: .max).iso == "9999-12-31T23:59:59.999999+00:00")
    }
}
