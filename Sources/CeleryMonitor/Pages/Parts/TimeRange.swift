/// How far back charts look: `?range=1h`.
enum TimeRange: String, CaseIterable, Sendable {
    case quarter = "15m"
    case hour = "1h"
    case sixHours = "6h"
    case day = "24h"
    case week = "7d"

    init(_ request: PageRequest) { self = request.value("range").flatMap(TimeRange.init(rawValue:)) ?? .hour }

    /// Seconds.
    var length: Double {
        switch self {
        case .quarter: 900
        case .hour: 3600
        case .sixHours: 21_600
        case .day: 86_400
        case .week: 604_800
        }
    }

    /// Of one point of a chart; seconds.
    var step: Double {
        switch self {
        case .quarter: 15
        case .hour: 60
        case .sixHours: 300
        case .day: 1200
        case .week: 7200
        }
    }

    var words: String {
        switch self {
        case .quarter: "last 15 minutes"
        case .hour: "last hour"
        case .sixHours: "last 6 hours"
        case .day: "last 24 hours"
        case .week: "last 7 days"
        }
    }

    /// From its first step to the end of the one that is running.
    func bounds(now: Double = Format.now) -> (from: Double, to: Double) {
        let to = ((now / step).rounded(.down) + 1) * step
        return (to - length, to)
    }

    /// The switch between ranges.
    struct Choice: Sendable {
        var text: String
        var words: String
        var query: String
        var isCurrent: Bool
    }

    /// - Parameter fields: What else the address carries.
    func choices(keeping fields: [(key: String, value: String)] = []) -> [Choice] {
        Self.allCases.map {
            Choice(
                text: $0.rawValue,
                words: $0.words,
                query: Format.query(fields + [("range", $0.rawValue)]),
                isCurrent: $0 == self
            )
        }
    }
}
