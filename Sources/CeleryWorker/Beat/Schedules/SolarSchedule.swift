public import CeleryProtocol
import Foundation

/// At an event of the sun, as seen from a place: Celery's `solar` (`celery/schedules.py`), within a minute of `ephem`.
///
/// Near the poles there are days without the event; they are passed over.
public struct SolarSchedule: Sendable, Hashable {
    public let event: SolarEvent
    /// Degrees north, -90 to 90.
    public let latitude: Double
    /// Degrees east, -180 to 180.
    public let longitude: Double

    public init(event: SolarEvent, latitude: Double, longitude: Double) {
        self.event = event
        self.latitude = latitude
        self.longitude = longitude
    }

    /// As far as `solar.max_search_days` looks.
    private static let searchedDays = 367
    /// 2000-01-01 12:00 UTC in seconds since 1970.
    private static let epoch = 946_728_000.0

    /// The first such event after `moment`; nil if there is none within a year (the sun never sinks so low there).
    public func next(after moment: Timestamp) -> Timestamp? {
        let start = (moment.secondsSince1970 - Self.epoch) / 86_400
        let first = Int((start + longitude / 360).rounded(.down)) - 1
        for day in first...(first + Self.searchedDays) {
            if let time = time(ofDay: day), time > moment { return time }
        }
        return nil
    }

    /// The event between the midnight before the given noon and the midnight after it, to the second.
    ///
    /// Depends on the day only, so that every process finds the same time.
    private func time(ofDay day: Int) -> Timestamp? {
        let noon = culmination(near: Double(day) - longitude / 360, angle: 0)
        guard event != .solarNoon else { return Self.timestamp(noon) }
        let midnight = culmination(near: noon + (event.isRising ? -0.5 : 0.5), angle: 180)
        guard clearance(midnight) < 0, clearance(noon) >= 0 else { return nil }
        var (below, above) = (midnight, noon)
        for _ in 0..<40 {
            let middle = (below + above) / 2
            if clearance(middle) < 0 { below = middle } else { above = middle }
        }
        return Self.timestamp(above)
    }

    /// When the sun crosses the meridian: above (0°) or on the other side of the earth (180°).
    private func culmination(near days: Double, angle: Double) -> Double {
        var time = days
        for _ in 0..<6 {
            let off = (SunPosition(days: time).hourAngle + longitude - angle).remainder(dividingBy: 360)
            time -= off / 360
        }
        return time
    }

    /// Degrees by which the sun stands over the height of the event.
    private func clearance(_ days: Double) -> Double {
        let sun = SunPosition(days: days)
        let edge = event.isOfUpperEdge ? sun.semidiameter : 0
        return sun.height(latitude: latitude, longitude: longitude) + edge - event.horizon
    }

    private static func timestamp(_ days: Double) -> Timestamp {
        Timestamp(microsecondsSince1970: Int64((days * 86_400 + epoch).rounded()) * 1_000_000)
    }
}
