import Foundation
import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct CeleryEncoderTests {
    private let encoder = CeleryEncoder()

    /// The text by both paths, which have to agree.
    private func json(_ value: some Encodable) throws -> String {
        let direct = String(decoding: try encoder.json(value), as: UTF8.self)
        let general = String(decoding: JSONWriter.bytes(try encoder.encode(value)), as: UTF8.self)
        #expect(direct == general)
        return direct
    }

    @Test func basicTypesAreWhatPythonWrites() throws {
        #expect(try json(1) == "1")
        #expect(try json(-1.0) == "-1.0")
        #expect(try json(1e16) == "1e+16")
        #expect(try json(Float(0.1)) == "0.1")
        #expect(try json(Double.nan) == "NaN")
        #expect(try json(-Double.infinity) == "-Infinity")
        #expect(try json("é\n😀") == #""\u00e9\n\ud83d\ude00""#)
        #expect(try json(true) == "true")
        #expect(try json(Int?.none) == "null")
        #expect(try json([1, 2]) == "[1, 2]")
        #expect(try json([Int]()) == "[]")
        #expect(try json(["a", "b\""]) == #"["a", "b\""]"#)
        #expect(try json([1.5, 2]) == "[1.5, 2.0]")
        #expect(try json([Int?.some(1), nil]) == "[1, null]")
        #expect(try json(UInt64.max) == "18446744073709551615")
        #expect(try json(Int8.min) == "-128")
        #expect(try json([Int128.max]) == "[170141183460469231731687303715884105727]")
        #expect(try json(Samples.Nothing()) == "{}")
    }

    @Test func foundationsTypesBecomeEnvelopes() throws {
        let date = Date(timeIntervalSince1970: 1_767_323_045.678901)
        #expect(try json(date) == #"{"__type__": "datetime", "__value__": "2026-01-02T03:04:05.678901+00:00"}"#)
        #expect(try json(Data([0x61])) == #"{"__type__": "bytes", "__value__": "a"}"#)
        #expect(try json([0xFF, 0xFE] as [UInt8]) == #"{"__type__": "base64", "__value__": "//4="}"#)
        let uuid = try #require(UUID(uuidString: "12345678-1234-5678-1234-56781234567A"))
        #expect(
            try json(uuid) == #"{"__type__": "uuid", "__value__": {"hex": "1234567812345678123456781234567a"}}"#
        )
        #expect(try json(Decimal(string: "-1.5")) == #"{"__type__": "decimal", "__value__": "-1.5"}"#)
        #expect(try json(URL(string: "http://h/ä")) == #""http://h/%C3%A4""#)
        #expect(throws: CeleryCodingError.self) { try encoder.json([Date(timeIntervalSince1970: 1e15)]) }
        #expect(throws: CeleryCodingError.self) { try encoder.json(Date(timeIntervalSince1970: .nan)) }
    }

    @Test func structuresKeepTheOrderOfTheirProperties() throws {
        let box = Samples.Box(name: "n", size: 1, tags: ["t"], inner: [.init(x: 1, y: 2)], color: .red)
        #expect(
            try json(box)
                == #"{"name": "n", "size": 1.0, "tags": ["t"], "inner": [{"x": 1, "y": 2}], "color": "red"}"#
        )
        #expect(try json(Samples.Shape.circle(radius: 2)) == #"{"circle": {"radius": 2.0}}"#)
        #expect(try json(Samples.Shape.square(2)) == #"{"square": {"_0": 2}}"#)
        #expect(try json(Samples.Shape.point) == #"{"point": {}}"#)
        #expect(try json([Samples.Either.number(1), .text("a"), .box(box)]).hasPrefix(#"[1, "a", {"name""#))
        #expect(try json([1: "a"]) == #"{"1": "a"}"#)
        #expect(try json(Samples.Derived(x: 1, y: 2)) == #"{"y": 2, "x": 1}"#)
    }

    @Test func valuesAreKeptAsTheyAre() throws {
        let value: CeleryValue = ["b": [.bytes([1]), .decimal("1.50"), .bigInt("99999999999999999999")], "a": .null]
        #expect(try encoder.encode(value) == value)
        #expect(try encoder.encode(["k": value]) == ["k": value])
        #expect(try encoder.encode(value.mapValue) == value)
        #expect(try CeleryDecoder().decode(CeleryValue.self, json: encoder.json(value)) == value)
    }

    @Test func everythingComesBack() throws {
        let everything = Samples.Everything(
            int: .min,
            small: -1,
            wide: .max,
            huge: .max,
            float: 0.1,
            double: 1e-7,
            bool: true,
            text: "\u{0}\"é😀",
            ints: [1, 2],
            table: ["a": 1],
            numbered: [7: "x"],
            box: .init(name: "", size: .infinity, tags: [], inner: [], color: nil),
            shape: .square(1),
            date: Date(timeIntervalSince1970: 1.5),
            data: Data([0, 255]),
            bytes: Array("text".utf8),
            uuid: UUID(),
            decimal: Decimal(string: "123.456"),
            url: URL(string: "amqp://h//"),
            any: ["x": [1, .null]],
            map: ["m": 1]
        )
        let text = try json(everything)
        #expect(try CeleryDecoder().decode(Samples.Everything.self, json: Array(text.utf8)) == everything)
        #expect(try CeleryDecoder().decode(Samples.Everything.self, from: encoder.encode(everything)) == everything)
    }

    /// Writes to two nested containers in turn, which cannot be done in one go.
    private struct Interleaved: Encodable {
        func encode(to encoder: any Encoder) throws {
            var top = encoder.container(keyedBy: CodingPath.PathKey.self)
            var one = top.nestedUnkeyedContainer(forKey: .init(stringValue: "one"))
            var two = top.nestedContainer(keyedBy: CodingPath.PathKey.self, forKey: .init(stringValue: "two"))
            try one.encode(1)
            try two.encode(2, forKey: .init(stringValue: "k"))
            try one.encode(3)
            try Samples.Add(x: 1, y: 2).encode(to: top.superEncoder())
            try two.encode(4, forKey: .init(stringValue: "k"))
        }
    }

    /// Fails to encode one thing and goes on.
    private struct Swallowing: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try? container.encode([Date(timeIntervalSince1970: 1e15)])
            try container.encode("after")
            try container.encodeNil()
            _ = container.nestedContainer(keyedBy: CodingPath.PathKey.self)
        }
    }

    private struct Silent: Encodable {
        func encode(to encoder: any Encoder) throws {}
    }

    @Test func everyOrderOfWritingIsAllowed() throws {
        #expect(try json(Interleaved()) == #"{"one": [1, 3], "two": {"k": 4}, "super": {"x": 1, "y": 2}}"#)
        #expect(try json([Interleaved()]).hasPrefix(#"[{"one": [1, 3]"#))
        #expect(try json(Swallowing()) == #"["after", null, {}]"#)
        #expect(try json([Silent(), Silent()]) == "[{}, {}]")
    }

    @Test func aFailureLeavesTheBytesAlone() {
        var bytes = Array("before".utf8)
        #expect(throws: CeleryCodingError.self) {
            try encoder.write(["a": Date(timeIntervalSince1970: 1e15)], into: &bytes)
        }
        #expect(bytes == Array("before".utf8))
    }

    private final class Loop: Encodable {
        var next: Loop?
    }

    @Test func endlessStructuresAreAnError() {
        let loop = Loop()
        loop.next = loop
        #expect(throws: CeleryCodingError.self) { try encoder.json(loop) }
        loop.next = nil
    }
}
