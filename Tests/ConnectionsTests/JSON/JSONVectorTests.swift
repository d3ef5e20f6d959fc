import Foundation
import Testing

@testable import Connections

struct JSONVectorTests {
    private static func text(_ vector: [Float]) -> String {
        var output = JSONOutput()
        output.vector(vector)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    /// Read back as our reader, Foundation's double and Foundation's float do.
    private static func check(_ vector: [Float]) throws {
        let text = text(vector)
        var input = JSONInput(Array(text.utf8))
        #expect(try input.vector() == vector)
        #expect(try JSONDecoder().decode([Float].self, from: Data(text.utf8)) == vector)
        #expect(try JSONDecoder().decode([Double].self, from: Data(text.utf8)).map { Float($0) } == vector)
    }

    @Test func everyKindOfFloatSurvives() throws {
        var vector: [Float] = [
            0, 1, -1, 0.1, 0.5, -0.25, 1e-10, 3.4e38, -3.4e38, .leastNormalMagnitude, .leastNonzeroMagnitude,
            16_777_216, 0.0625, 0x1p-10,
            Float(1).nextDown, Float(0x1p-4).nextDown, Float(0x1p-10).nextDown, Float(0x1p-10).nextUp, 123_456.79,
        ]
        vector += vector.map { -$0 }
        try Self.check(vector)
    }

    @Test func randomFloatsSurvive() throws {
        var generator = SystemRandomNumberGenerator()
        let patterns = (0..<30_000).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        }
        try Self.check(patterns.filter(\.isFinite))
        try Self.check((0..<30_000).map { _ in Float.random(in: -1...1, using: &generator) })
        try Self.check((0..<30_000).map { _ in Float.random(in: -0.01...0.01, using: &generator) })
    }

    @Test func readsWhatOthersWrite() throws {
        var input = JSONInput(Array(" [ 1 , -0.5e-3,1E+2 , 0.1000000014901161193847656250, 1e400,-0 ] ".utf8))
        #expect(try input.vector() == [1, -0.0005, 100, 0.1, .infinity, 0])
    }

    @Test func stringsSurvive() throws {
        for text in ["", "plain", "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}", "'; DROP TABLE x;--", "😀 é \u{2028}", "\0"] {
            var output = JSONOutput()
            output.value(text)
            var input = JSONInput(output.bytes)
            #expect(try input.string() == text)
            #expect(try JSONDecoder().decode(String.self, from: Data(output.bytes)) == text)
        }
        var input = JSONInput(Array(#""\u0041\ud83d\ude00\ud83d \u00e9\/""#.utf8))
        #expect(try input.string() == "A😀\u{FFFD} é/")
    }

    @Test(arguments: ["", "[", "[1", "[1,", "[1,]", "{", "[1 2]", "[\"a", "[\"\\u12", "nul", "[-]", "[1.]", "[true]"])
    func refusesWhatIsNoVector(text: String) {
        #expect(throws: (any Error).self) {
            var input = JSONInput(Array(text.utf8))
            _ = try input.vector()
        }
    }

    @Test func refusesBottomlessDepth() {
        #expect(throws: (any Error).self) {
            var input = JSONInput([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
            try input.skip()
        }
    }

    @Test func tellsNumbersApart() throws {
        var input = JSONInput(
            Array(#"{"a": 1, "b": 1.0, "c": true, "d": null, "e": "x", "f": [1, {"g": 2}], "h": 9e9}"#.utf8)
        )
        #expect(
            try input.metadata() == [
                "a": .int(1), "b": .double(1), "c": .bool(true), "e": .string("x"), "h": .double(9e9),
            ]
        )
    }
}
