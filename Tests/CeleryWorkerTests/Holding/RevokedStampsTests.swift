import CeleryProtocol
import Testing

@testable import CeleryWorker

/// Which stamps are revoked (`celery/worker/request.py`, revoked).
struct RevokedStampsTests {
    private func match(_ revoked: [(String, CeleryValue)], _ stamps: CeleryMap, limit: Int = 10) -> String? {
        var set = RevokedStamps(limit: limit)
        for (header, value) in revoked { set.insert(.init(header: header, value: value)) }
        return set.match(names: Array(stamps.keys), stamps: stamps).map { "\($0.header) \(PythonRepr.full($0.value))" }
    }

    @Test func aValueOrOneOfAListDecides() {
        #expect(match([("h", "v")], ["h": "v"]) == "h 'v'")
        #expect(match([("h", "v")], ["h": ["x", "v"]]) == "h 'v'")
        #expect(match([("h", "v"), ("h", "w")], ["h": "w"]) == "h 'w'")
        #expect(match([("h", "v")], ["h": "x"]) == nil)
        #expect(match([("h", "v")], ["g": "v"]) == nil)
        #expect(match([("h", .null)], ["h": .null]) == nil)
        #expect(match([("g", "x"), ("h", "v")], ["g": "y", "h": "v"]) == "h 'v'")
    }

    @Test func typesCountAsInPython() {
        #expect(match([("h", 1234)], ["h": "1234"]) == nil)
        #expect(match([("h", "1234")], ["h": 1234]) == nil)
        #expect(match([("h", 1)], ["h": .double(1)]) == "h 1.0")
        #expect(match([("h", true)], ["h": 1]) == "h 1")
    }

    @Test func ofTooManyTheOldestGoes() {
        #expect(match([("h", 1), ("h", 2)], ["h": 1], limit: 1) == nil)
        #expect(match([("h", 1), ("h", 2)], ["h": 2], limit: 1) == "h 2")
        #expect(match([("h", 1), ("g", 2)], ["h": 1], limit: 1) == nil)
    }
}
