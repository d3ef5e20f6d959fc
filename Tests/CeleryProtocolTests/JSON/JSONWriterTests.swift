import Testing

@testable import CeleryProtocol

@Suite struct JSONWriterTests {
    @Test func writesTheTextThatPythonWrites() throws {
        for value in try PythonFixture.load().values {
            let parsed = try JSONParser.parse(Array(value.json.utf8))
            #expect(String(decoding: JSONWriter.bytes(parsed), as: UTF8.self) == value.json)
        }
    }

    @Test func printsFloatsAsPythonDoes() throws {
        for pair in try PythonFixture.load().floats {
            let bits = try #require(Int64(pair[0]))
            let value = Double(bitPattern: UInt64(bitPattern: bits))
            #expect(PythonFloat.text(value) == pair[1])
            #expect(try JSONParser.parse(Array(pair[1].utf8)) == .double(value))
        }
    }

    @Test func printsIntegersOfEverySize() {
        for value in [0, 9, 10, -1, -10, .max, .min, 1_000_000_000_000_000_000, 999_999_999_999_999_999] {
            #expect(JSONWriter.bytes(.int(value)) == Array(String(value).utf8))
        }
        var bytes: [UInt8] = []
        JSONWriter.append(magnitude: .max, to: &bytes)
        #expect(bytes == Array("18446744073709551615".utf8))
    }
}
