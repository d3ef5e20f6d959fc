/// The events of the sun that a task can be tied to (`celery/schedules.py`, `solar`).
public enum SolarEvent: String, Sendable, Hashable, CaseIterable {
    case dawnAstronomical = "dawn_astronomical"
    case dawnNautical = "dawn_nautical"
    case dawnCivil = "dawn_civil"
    case sunrise
    case solarNoon = "solar_noon"
    case sunset
    case duskCivil = "dusk_civil"
    case duskNautical = "dusk_nautical"
    case duskAstronomical = "dusk_astronomical"

    /// The height over the horizon, in degrees, that the sun passes: its upper edge at sunrise and sunset, 34′ below
    /// the horizon because the air bends its light; its centre at the twilights.
    var horizon: Double {
        switch self {
        case .dawnAstronomical, .duskAstronomical: -18
        case .dawnNautical, .duskNautical: -12
        case .dawnCivil, .duskCivil: -6
        case .sunrise, .sunset: -34.0 / 60
        case .solarNoon: 0
        }
    }

    var isOfUpperEdge: Bool { self == .sunrise || self == .sunset }
    var isRising: Bool { [.dawnAstronomical, .dawnNautical, .dawnCivil, .sunrise].contains(self) }
}
