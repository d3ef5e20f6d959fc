import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct AMQPTableTests {
    /// One entry named `k` of each type letter (AMQP 0-9-1 §4.2.1 with RabbitMQ's errata), and how py-amqp reads it.
    static let values: [(letter: Unicode.Scalar, bytes: [UInt8], value: CeleryValue)] = [
        ("t", [1], true), ("t", [0], false),
        ("b", [0xff], -1), ("B", [0xff], 255),
        ("s", [0xff, 0xfe], -2), ("U", [0xff, 0xfe], -2), ("u", [0xff, 0xfe], 65534),
        ("I", [0xff, 0xff, 0xff, 0xff], -1), ("i", [0xff, 0xff, 0xff, 0xff], 4_294_967_295),
        ("L", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1),
        ("l", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1),
        ("f", [0x3f, 0xc0, 0, 0], 1.5), ("d", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5),
        ("D", [2, 0, 0, 0x04, 0xe2], .decimal("12.5")), ("D", [3, 0xff, 0xff, 0xff, 0xff], .decimal("-0.001")),
        ("D", [0, 0, 0, 0, 5], .decimal("5")), ("D", [1, 0, 0, 0, 0], .decimal("0")),
        ("S", [0, 0, 0, 2, 0x68, 0x69], "hi"), ("S", [0, 0, 0, 1, 0xff], .bytes([0xff])),
        ("x", [0, 0, 0, 1, 0x68], .bytes([0x68])),
        ("T", [0, 0, 0, 0, 0x69, 0x57, 0x35, 0xe5], .datetime("2026-01-02T03:05:09+00:00")),
        ("T", [0xff, 0, 0, 0, 0, 0, 0, 0], .bigInt("18374686479671623680")),
        ("A", [0, 0, 0, 3, 0x56, 0x74, 1], [nil, true]),
        ("F", [0, 0, 0, 3, 1, 0x61, 0x56], ["a": nil]),
        ("V", [], nil),
    ]

    @Test func readsEveryType() throws {
        for (letter, bytes, value) in Self.values {
            let entry = [1, UInt8(ascii: "k"), UInt8(ascii: letter)] + bytes
            #expect(try AMQPTable.decode(entry, range: 0..<entry.count) == ["k": value], "\(letter)")
            for length in 1..<entry.count {
                #expect(throws: AMQPFormatError.self) { try AMQPTable.decode(entry, range: 0..<length) }
            }
        }
    }

    @Test func refusesUnknownTypes() {
        #expect(throws: AMQPFormatError.self) { try AMQPTable.decode([1, 0x6b, 0x3f, 0], range: 0..<4) }
    }

    @Test func writesOnlyTypesThatAllClientsReadAlike() throws {
        let map: CeleryMap = [
            "t": true, "I": .int(-2_147_483_647), "L": .int(-2_147_483_648), "big": .bigInt("99"), "d": 1.5, "S": "é",
            "bytes": .bytes([0xff]), "A": [1, [nil]], "F": ["x": ["y": 1]], "V": nil, "when": .datetime("2026"),
            "u": .uuid("00"), "dec": .decimal("1.50"), "day": .date("2026-01-02"), "time": .time("03:04"),
        ]
        var bytes: [UInt8] = []
        try AMQPTable.encode(map, into: &bytes)
        let again = try AMQPTable.decode(bytes, range: 4..<bytes.count)
        var expected = map
        expected["big"] = "99"
        expected["when"] = "2026"
        expected["u"] = "00"
        expected["dec"] = "1.50"
        expected["day"] = "2026-01-02"
        expected["time"] = "03:04"
        #expect(again == expected)
        #expect(bytes[0..<4] == [0, 0, 0, UInt8(bytes.count - 4)])
    }

    @Test func refusesToWriteWhatIsTooDeep() {
        var value: CeleryValue = 1
        for _ in 0..<40 {
            value = ["a": value]
        }
        var bytes: [UInt8] = []
        #expect(throws: AMQPFormatError.self) { try AMQPTable.encode(["a": value], into: &bytes) }
    }

    @Test func keepsTheLastOfTwoEntriesOfOneName() throws {
        let bytes: [UInt8] = [1, 0x6b, 0x74, 1, 1, 0x6b, 0x74, 0]
        #expect(try AMQPTable.decode(bytes, range: 0..<bytes.count) == ["k": false])
    }
}
