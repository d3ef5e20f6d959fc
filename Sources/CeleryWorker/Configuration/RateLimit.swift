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
}
