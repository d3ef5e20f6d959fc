import Foundation
import Testing

@testable import CeleryMonitor

struct FormatTests {
    @Test(arguments: [
        (0.0, "0 s"), (0.000_000_5, "0.5 µs"), (0.0012, "1.2 ms"), (0.9999, "1 s"), (3.4, "3.4 s"), (59.96, "1 min"),
        (125, "2 min 5 s"), (7500, "2 h 5 min"), (273_600, "3 d 4 h"), (-2, "−2 s"), (.infinity, "–"), (.nan, "–"),
        (1e300, "11574074 d"),
    ])
    func durations(_ seconds: Double, _ text: String) { #expect(Format.duration(seconds) == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (12_345, "12,345"), (-1_000_000, "−1,000,000"), (Int.min, "−9,223,372,036,854,775,808"),
    ])
    func counts(_ number: Int, _ text: String) { #expect(Format.count(number) == text) }

    @Test(arguments: [(0.0, "0/s"), (0.001, "<0.01/s"), (0.25, "0.25/s"), (1234, "1.23 k/s"), (.nan, "0/s")])
    func rates(_ rate: Double, _ text: String) { #expect(Format.rate(rate) == text) }

    @Test func momentsAreToldWithoutTheirDayToday() {
        let time = Format.time(1_795_294_800.25, now: 1_795_294_812)
        #expect(time.iso == "2026-11-21T21:00:00.250Z" && time.text == "21:00:00" && time.ago == "12 s ago")
        #expect(Format.time(1_709_164_800, now: 1_709_251_200).text == "29 Feb 00:00:00")
    }

    @Test(arguments: [-1, .nan, .infinity, 1e300] as [Double])
    func brokenClocksDoNotTrap(_ seconds: Double) { #expect(!Format.time(seconds).iso.isEmpty) }

    @Test func sparklinesAreEscapedAndHaveGaps() {
        let svg = Sparkline.svg([1, nil, .nan, 3, 2], label: "<script>")
        #expect(!svg.contains("<script>") && svg.components(separatedBy: "spark-line").count == 3)
        let empty = Sparkline.svg([] as [Double?], label: "")
        #expect(empty.hasSuffix("</svg>"))
    }
}
