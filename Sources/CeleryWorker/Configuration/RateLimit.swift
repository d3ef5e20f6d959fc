/// How many tasks may start in a span of time: `10/s`, `100/m`, `1000/h`; a bare number is per second.
///
/// As Celery's `rate_limit` (`celery/utils/time.py` rate).
public struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    /// More than 0.
    public let perSecond: Double
    /// As it was written.
    public let description: String

    /// nil when the text is no rate.
    public init?(_ text: String) {
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        let units: [String: Double] = ["s": 1, "m": 60, "h": 3600]
        guard pieces.count <= 2, let first = pieces.first, let number = Double(plainNumber: first.trimmed), number > 0,
            let span = pieces.count == 1 ? 1 : units[pieces[1].trimmed]
        else { return nil }
        perSecond = number / span
        description = text
    }

    /// Nanoseconds between two starts; at most 292 years.
    var interval: Int64 { Int64(min(1e9 / perSecond, 9e18).rounded()) }
}

/// In source code: `rateLimit: "10/s"`. A literal that is no rate ends the program at its start, as it must be mended
/// there.
extension RateLimit: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let limit = RateLimit(text) else {
            preconditionFailure("the rate limit \"\(text)\" is no rate such as 10/s, 100/m or 1000/h; write one")
        }
        self = limit
    }
}
