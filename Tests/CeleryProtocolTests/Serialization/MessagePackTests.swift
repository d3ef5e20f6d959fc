import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct MessagePackTests {
    static let values: [CeleryValue] = [
        nil, true, false, 0, 127, 128, 255, 256, 65535, 65536, .int(1 << 32), .int(.max), -1, -32, -33, -128, -129,
        -32768,
        -32769, .int(-1 << 31), .int(-1 << 31 - 1), .int(.min), .bigInt("18446744073709551615"), 1.5, "", "é",
        .string(String(repeating: "a", count: 31)), .string(String(repeating: "a", count: 32)),
        .string(String(repeating: "a", count: 256)), .string(String(repeating: "a", count: 70_000)),
        .bytes([]), .bytes([UInt8](repeating: 1, count: 300)), .bytes([UInt8](repeating: 1, count: 70_000)),
        [], .array([CeleryValue](repeating: 1, count: 16)), .array([CeleryValue](repeating: nil, count: 70_000)),
        [:], ["a": ["b": [1]]],
        .map(CeleryMap(uniqueKeysWithValues: (0..<70_000).map { (String($0), CeleryValue.int($0)) })),
    ]

    @Test(arguments: values.indices)
    func roundTrip(_ index: Int) throws {
        var bytes: [UInt8] = []
        try MessagePackEncoder.encode(Self.values[index], into: &bytes)
        #expect(try MessagePackDecoder.parse(bytes) == Self.values[index])
    }

    /// Bytes that `msgpack.packb(use_bin_type=True)` gives.
    @Test func writesTheShortestForm() throws {
        let cases: [(CeleryValue, [UInt8])] = [
            (127, [0x7f]), (128, [0xcc, 0x80]), (256, [0xcd, 1, 0]), (-32, [0xe0]), (-33, [0xd0, 0xdf]),
            (-129, [0xd1, 0xff, 0x7f]), ("a", [0xa1, 0x61]), (.bytes([1]), [0xc4, 1, 1]), ([1], [0x91, 1]),
            (["a": nil], [0x81, 0xa1, 0x61, 0xc0]), (.datetime("x"), [0xa1, 0x78]),
        ]
        for (value, expected) in cases {
            var bytes: [UInt8] = []
            try MessagePackEncoder.encode(value, into: &bytes)
            #expect(bytes == expected)
        }
    }

    @Test func refuses() {
        let broken: [[UInt8]] = [
            [], [0xc1], [0xc0, 0xc0], [0x91], [0xa1], [0xa1, 0xff], [0x81, 1, 1], [0xd4, 1, 1], [0xcf, 1],
            [0x81, 0xc0, 1],
        ]
        for bytes in broken {
            #expect(throws: SerializationError.self) { try MessagePackDecoder.parse(bytes) }
        }
        var bytes: [UInt8] = []
        #expect(throws: SerializationError.self) {
            try MessagePackEncoder.encode(.bigInt("18446744073709551616"), into: &bytes)
        }
        #expect(throws: SerializationError.self) {
            try MessagePackDecoder.parse([0x91, 0x91, 0xc0], limits: DecodingLimits(maxDepth: 1))
        }
        #expect(throws: SerializationError.self) {
            try MessagePackDecoder.parse([0xa1, 0x61], limits: DecodingLimits(maxBodyBytes: 1))
        }
    }

    @Test func readsBytesAsKeys() throws {
        #expect(try MessagePackDecoder.parse([0x81, 0xc4, 1, 0x61, 1]) == ["a": 1])
    }
}
