import Foundation
import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct CeleryDecoderTests {
    private let decoder = CeleryDecoder()

    private func message<T: Decodable>(_ type: T.Type, _ value: CeleryValue) -> String? {
        do {
            _ = try decoder.decode(type, from: value)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func numbersWidenButAreNeverRounded() throws {
        #expect(try decoder.decode(Double.self, from: 3) == 3)
        #expect(try decoder.decode(Float.self, from: 0.1) == 0.1)
        #expect(try decoder.decode(Int.self, from: 5.0) == 5)
        #expect(try decoder.decode(Int.self, from: .double(0x1p53)) == 1 << 53)
        #expect(try decoder.decode(UInt64.self, from: .bigInt("18446744073709551615")) == .max)
        #expect(try decoder.decode(Int128.self, from: .bigInt("-9223372036854775809")) == -9_223_372_036_854_775_809)
        #expect(try decoder.decode(Double.self, from: .bigInt("100000000000000000000")) == 1e20)
        #expect(message(Int.self, 5.5) == "expected int, found float 5.5")
        #expect(message(Int.self, .double(0x1p54)) == "expected int, found float 1.8014398509481984e+16")
        #expect(message(Int.self, .double(.nan)) == "expected int, found float nan")
        #expect(message(Int.self, .double(.infinity)) == "expected int, found float inf")
        #expect(message(UInt8.self, 256) == "expected int from 0 to 255, found 256")
        #expect(message(UInt8.self, -1) == "expected int from 0 to 255, found -1")
        #expect(message(Int.self, true) == "expected int, found bool")
        #expect(message(Bool.self, 1) == "expected bool, found int")
        #expect(message(Double.self, "1.5") == "expected float, found str")
        #expect(
            message(Double.self, .bigInt(String(repeating: "9", count: 400)))
                == "expected float, found int too large to convert to float"
        )
        #expect(
            message(Int.self, .bigInt(String(repeating: "9", count: 400)))?.hasSuffix("found one of 400 digits") == true
        )
    }

    @Test func datesComeFromEnvelopesAndText() throws {
        let date = Date(timeIntervalSince1970: 1_767_323_045.5)
        for value: CeleryValue in [
            .datetime("2026-01-02T03:04:05.5+00:00"), .datetime("2026-01-02T03:04:05.500000"),
            "2026-01-02T04:04:05.5+01:00", "2026-01-02 03:04:05,5Z", .datetime("2026-01-02T04:04:35.5+01:00:30"),
        ] {
            #expect(try decoder.decode(Date.self, from: value) == date)
        }
        let midnight = Date(timeIntervalSince1970: 1_767_312_000)
        #expect(try decoder.decode(Date.self, from: .date("2026-01-02")) == midnight)
        #expect(message(Date.self, "tomorrow") == "expected datetime, found text that is not ISO 8601")
        #expect(message(Date.self, 5) == "expected datetime, found int")
    }

    @Test func envelopesBecomeFoundationsTypes() throws {
        let uuid = try #require(UUID(uuidString: "12345678-1234-5678-1234-56781234567A"))
        #expect(try decoder.decode(UUID.self, from: .uuid("1234567812345678123456781234567a")) == uuid)
        #expect(try decoder.decode(UUID.self, from: "12345678-1234-5678-1234-56781234567A") == uuid)
        #expect(message(UUID.self, "x") == "expected UUID, found text that is not a UUID")
        #expect(try decoder.decode(Data.self, from: .bytes([1, 2])) == Data([1, 2]))
        #expect(message(Data.self, "x") == "expected bytes, found str")
        #expect(try decoder.decode([UInt8].self, from: .bytes([1, 2])) == [1, 2])
        #expect(try decoder.decode([UInt8].self, from: [1, 2]) == [1, 2])
        #expect(try decoder.decode(Decimal.self, from: .decimal("1.50")) == Decimal(string: "1.5"))
        #expect(try decoder.decode(Decimal.self, from: .decimal("1E+3")) == 1000)
        #expect(try decoder.decode(Decimal.self, from: 0.1) == Decimal(string: "0.1"))
        #expect(try decoder.decode(Decimal.self, from: .decimal("NaN")).isNaN)
        #expect(message(Decimal.self, .decimal("Infinity"))?.contains("cannot hold") == true)
        #expect(try decoder.decode(URL.self, from: "http://h/p") == URL(string: "http://h/p"))
        #expect(message(URL.self, 5) == "expected str, found int")
    }

    @Test func structuresDecodeThemselves() throws {
        let value: CeleryValue = [
            "name": "n", "size": 2, "tags": ["a"], "inner": [["x": 1, "y": 2]], "color": "green", "unknown": .null,
        ]
        let box = try decoder.decode(Samples.Box.self, from: value)
        #expect(box == .init(name: "n", size: 2, tags: ["a"], inner: [.init(x: 1, y: 2)], color: .green))
        #expect(try decoder.decode(Samples.Shape.self, from: ["circle": ["radius": 1]]) == .circle(radius: 1))
        #expect(try decoder.decode([Int: String].self, from: ["1": "a"]) == [1: "a"])
        #expect(try decoder.decode(Int?.self, from: .null) == nil)
        #expect(message(Samples.Box.self, .null) == "expected dict, found None")
        #expect(message([Int].self, [1, "a"]) == "'[1]': expected int, found str")
        #expect(message([String: [Int]].self, ["k": [.null]]) == "'k[0]': expected int, found None")
    }

    @Test func envelopesAreNotText() {
        for value: CeleryValue in [.datetime("2026-01-02"), .uuid("x"), .decimal("1"), .bytes([0x61])] {
            #expect(message(String.self, value) == "expected str, found \(value.pythonTypeName)")
        }
    }

    @Test func unusualContainersWorkFromJSONToo() throws {
        let derived = try decoder.decode(Samples.Derived.self, json: Array(#"{"x": 1, "y": 2}"#.utf8))
        #expect(derived.x == 1 && derived.y == 2)
        let json = Array(
            #"[{"a": {"__type__": "uuid", "__value__": {"hex": "12345678123456781234567812345678"}}}]"#.utf8
        )
        #expect(try decoder.decode([[String: UUID]].self, json: json).count == 1)
        #expect(throws: JSONError.self) { try decoder.decode(Int.self, json: Array("1 2".utf8)) }
        let many = "{" + (0..<500).map { "\"k\($0)\": \($0)" }.joined(separator: ", ") + "}"
        #expect(try decoder.decode([String: Int].self, json: Array(many.utf8)).count == 500)
    }
}
