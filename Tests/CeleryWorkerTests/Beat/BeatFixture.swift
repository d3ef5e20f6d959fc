import CeleryProtocol
import Foundation

@testable import CeleryWorker

/// What real Celery says about random schedules; `Fixtures/beat/generate.py` writes it.
struct BeatFixture: Decodable {
    struct CrontabCase: Decodable {
        let text: String
        let zone: String
        let last: Int
        let next: Int

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            text = try container.decode(String.self)
            zone = try container.decode(String.self)
            last = try container.decode(Int.self)
            next = try container.decode(Int.self)
        }
    }

    struct FieldCase: Decodable {
        let field: String
        let text: String
        /// nil: Celery refuses the text.
        let values: [Int]?

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            field = try container.decode(String.self)
            text = try container.decode(String.self)
            values = try container.decode([Int]?.self)
        }
    }

    struct IntervalCase: Decodable {
        let every: Int
        let isRelative: Bool
        let zone: String
        let last: Int
        let next: Int

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            every = try container.decode(Int.self)
            isRelative = try container.decode(Bool.self)
            zone = try container.decode(String.self)
            last = try container.decode(Int.self)
            next = try container.decode(Int.self)
        }
    }

    struct SolarCase: Decodable {
        let event: String
        let latitude: Double
        let longitude: Double
        let last: Int
        let next: Int

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            event = try container.decode(String.self)
            latitude = try container.decode(Double.self)
            longitude = try container.decode(Double.self)
            last = try container.decode(Int.self)
            next = try container.decode(Int.self)
        }
    }

    let crontabs: [CrontabCase]
    let fields: [FieldCase]
    let intervals: [IntervalCase]
    let solar: [SolarCase]
    let rare: [SolarCase]

    static func load() throws -> BeatFixture {
        let url = Bundle.module.url(forResource: "schedules", withExtension: "json", subdirectory: "Fixtures/beat")
        return try JSONDecoder().decode(BeatFixture.self, from: Data(contentsOf: url!))
    }
}

/// A moment in UTC, or with the offset that the text has.
func moment(_ iso: String) -> Timestamp { Timestamp(iso: iso)! }
