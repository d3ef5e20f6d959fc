import Testing

@testable import CeleryProtocol

@Suite struct DateStampTests {
    @Test func theCachedSecondNeverShowsInAnother() {
        var stamp = DateStamp()
        var moment: Int64 = 951_782_399_000_000
        for step in [0, 1, 999_998, 1, 1, -1, 86_400_000_000, -200_000_000_000, 0] as [Int64] {
            moment += step
            var bytes: [UInt8] = []
            stamp.append(microsecondsSince1970: moment, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text == Timestamp(microsecondsSince1970: moment).iso)
            #expect(Timestamp(iso: text)?.microsecondsSince1970 == moment)
        }
    }
}
