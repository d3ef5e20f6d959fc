import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> CeleryValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func readsAndRefusesWhatPythonDoes() throws {
        for input in try PythonFixture.load().inputs {
            let text = try #require(input[0])
            guard let expected = input[1] else {
                #expect(throws: JSONError.self, "\(text)") { try parse(text) }
                continue
            }
            let written = String(decoding: JSONWriter.bytes(try parse(text)), as: UTF8.self)
            #expect(written == expected, "\(text)")
        }
    }

    @Test func halfOfASurrogatePairIsReplaced() throws {
        #expect(try parse(#""\ud800""#) == "\u{FFFD}")
        #expect(try parse(#""\udc00x\ud83d""#) == "\u{FFFD}x\u{FFFD}")
        #expect(try parse(#""\ud800\ud83d\ude00""#) == "\u{FFFD}😀")
        #expect(try parse(#""\ud800\u0041""#) == "\u{FFFD}A")
        #expect(throws: JSONError.self) { try parse(#""\ud800\u00""#) }
    }

    @Test func invalidUTF8IsAnError() {
        let texts: [[UInt8]] = [
            [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82],
        ]
        for text in texts {
            for prefix in ["", #"\n"#] {
                let bytes = [0x22] + Array(prefix.utf8) + text + [0x22]
                #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
            }
        }
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(throws: Never.self) { try parse(deep) }
        #expect(throws: JSONError.self) { try parse("[" + deep + "]") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
        #expect(try JSONParser.parse(Array("[[1]]".utf8), limits: .init(maxDepth: 2)) == [[1]])
        #expect(throws: JSONError.self) { try JSONParser.parse(Array("[[1]]".utf8), limits: .init(maxDepth: 1)) }
    }

    @Test func sizeIsBounded() {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array("[1, 2]".utf8), limits: .init(maxBodyBytes: 5)) }
    }

    @Test func readsARangeOnly() throws {
        let bytes = Array(#"[[1, 2], {"a": 3}, null]"#.utf8)
        #expect(try JSONParser.parse(bytes, range: 1..<7) == [1, 2])
        #expect(try JSONParser.parse(bytes, range: 9..<17) == ["a": 3])
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes, range: 1..<6) }
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes, range: 1..<8) }
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes, range: 20..<99) }
    }

    @Test func keepsTheOrderOfKeysAndTheLastOfEqualOnes() throws {
        let map = try #require(try parse(#"{"b": 1, "a": 2, "b": 3}"#).mapValue)
        #expect(Array(map.keys) == ["b", "a"])
        #expect(map["b"] == 3)
    }

    @Test func errorsSayWhere() {
        #expect(throws: JSONError("expected a value", offset: 4)) { try parse("[1, x]") }
        #expect(throws: JSONError("extra data after the value", offset: 2)) { try parse("1 2") }
    }

    @Test func everyTruncationOfADocumentIsAnError() throws {
        let text = Array(
            #"[[1, -2.5e3, "a\u00e9\n"], {"k": {"__type__": "bytes", "__value__": "x"}}, [true, null]]"#.utf8
        )
        #expect(throws: Never.self) { try JSONParser.parse(text) }
        for end in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(text, range: 0..<end) }
        }
    }

    @Test func randomBytesNeverCrash() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array(#"[]{}",:\u0dE+-.123 truefalsnNIity_"#.utf8) + [0x80, 0xC3, 0xFF, 0x0A]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            _ = try? JSONParser.parse(bytes)
        }
    }
}
