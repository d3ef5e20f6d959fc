/// Prints moments as Python's `isoformat()` does in UTC, keeping the text of the second printed last.
///
/// A worker that prints many moments of the same second pays for the calendar once. The clock is the caller's.
public struct DateStamp: Sendable {
    private var second = Int64.min
    /// The whole text of `second`, with the fraction printed last.
    private var text: [UInt8] = []

    public init() {}

    /// How long the text is without a fraction and a zone.
    private static let prefixLength = 19

    /// Appends `2026-01-02T03:04:05.678901+00:00`, without the fraction when it is zero.
    ///
    /// Moments outside the years 1 to 9999 print as the nearest one that Python's `datetime` can hold.
    public mutating func append(microsecondsSince1970 moment: Int64, to bytes: inout [UInt8]) {
        let moment = min(max(moment, Self.earliest), Self.latest)
        var second = moment / 1_000_000
        var fraction = Int(moment % 1_000_000)
        if fraction < 0 {
            second -= 1
            fraction += 1_000_000
        }
        if second != self.second { remember(second) }
        guard fraction != 0 else {
            bytes.append(contentsOf: text[..<Self.prefixLength])
            bytes.append(contentsOf: "+00:00".utf8)
            return
        }
        var rest = UInt32(truncatingIfNeeded: fraction)
        var index = Self.prefixLength &+ 6
        while index > Self.prefixLength {
            text[index] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            index &-= 1
        }
        bytes.append(contentsOf: text)
    }

    private mutating func remember(_ second: Int64) {
        let days = Int((second - (second < 0 ? 86_399 : 0)) / 86_400)
        let rest = Int(second) - days * 86_400
        let date = Timestamp.civil(days: days)
        text.removeAll(keepingCapacity: true)
        Self.append(date.year, digits: 4, to: &text)
        text.append(ASCII.minus)
        Self.append(date.month, digits: 2, to: &text)
        text.append(ASCII.minus)
        Self.append(date.day, digits: 2, to: &text)
        text.append(ASCII.upperT)
        Self.append(rest / 3_600, digits: 2, to: &text)
        text.append(ASCII.colon)
        Self.append(rest / 60 % 60, digits: 2, to: &text)
        text.append(ASCII.colon)
        Self.append(rest % 60, digits: 2, to: &text)
        text.append(contentsOf: ".000000+00:00".utf8)
        self.second = second
    }

    /// Appends the last so many decimal digits of a number that is not negative.
    @inline(__always)
    static func append(_ value: Int, digits: Int, to bytes: inout [UInt8]) {
        var unit = 1
        for _ in 1..<digits { unit &*= 10 }
        while unit > 0 {
            bytes.append(ASCII.zero &+ UInt8(truncatingIfNeeded: value / unit % 10))
            unit /= 10
        }
    }

    /// 0001-01-01T00:00:00 and 9999-12-31T23:59:59.999999.
    private static let earliest: Int64 = -62_135_596_800_000_000
    private static let latest: Int64 = 253_402_300_799_999_999
}
