import Foundation

/// Where the sun stands, to about 0.01° (Jean Meeus, Astronomical Algorithms, chapters 12, 22 and 25; NOAA's solar
/// calculator uses the same).
struct SunPosition {
    /// Radians.
    let declination: Double
    /// Degrees by which the sun stands west of the meridian of Greenwich, -180 to 180.
    let hourAngle: Double
    /// Degrees.
    let semidiameter: Double

    /// - Parameter days: Days since 2000-01-01 12:00 UTC (J2000), by the civil clock.
    init(days: Double) {
        // Terrestrial time is 69 s ahead of the civil clock in these years.
        let t = (days + 69.2 / 86_400) / 36_525
        let meanLongitude = 280.46646 + t * (36_000.76983 + t * 0.0003032)
        let anomaly = Self.radians(357.52911 + t * (35_999.05029 - t * 0.0001537))
        let eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267)
        let centre =
            (1.914602 - t * (0.004817 + t * 0.000014)) * sin(anomaly)
            + (0.019993 - t * 0.000101) * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
        let node = Self.radians(125.04 - 1934.136 * t)
        let longitude = Self.radians(meanLongitude + centre - 0.00569 - 0.00478 * sin(node))
        let obliquity = Self.radians(
            23.4392911 - t * (0.0130042 + t * (0.00000016 - t * 0.000000504)) + 0.00256 * cos(node)
        )
        declination = asin(sin(obliquity) * sin(longitude))
        let rightAscension = atan2(cos(obliquity) * sin(longitude), cos(longitude)) * 180 / .pi
        let distance =
            1.000001018 * (1 - eccentricity * eccentricity) / (1 + eccentricity * cos(anomaly + Self.radians(centre)))
        semidiameter = 0.26656 / distance
        // Sidereal time of Greenwich, with the equation of the equinoxes.
        let sidereal = 280.46061837 + 360.98564736629 * days - 0.00478 * sin(node) * cos(obliquity)
        hourAngle = (sidereal - rightAscension).remainder(dividingBy: 360)
    }

    /// Degrees over the horizon, without refraction, seen from the earth's surface.
    func height(latitude: Double, longitude: Double) -> Double {
        let latitude = Self.radians(latitude)
        let angle = Self.radians(hourAngle + longitude)
        let sine = sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(angle)
        let height = asin(max(-1, min(1, sine)))
        return height * 180 / .pi - 0.00244 * cos(height)
    }

    private static func radians(_ degrees: Double) -> Double {
        degrees.truncatingRemainder(dividingBy: 360) * .pi / 180
    }
}
