import CeleryProtocol
import OrderedCollections
import Testing

@testable import CeleryMonitor

struct PythonReprReaderTests {
    @Test func readsWhatSafereprWrites() throws {
        let values: [CeleryValue] = [
            1, -2.5, nil, true, "it's", ["a": [1, false]], .bigInt("123456789012345678901"),
        ]
        #expect(try PythonReprReader.arguments(PythonRepr.arguments(values)) == values)
        #expect(try PythonReprReader.keywords("{'a': 1, \"b\": ('x',)}") == ["a": 1, "b": ["x"]])
        #expect(try PythonReprReader.arguments("()") == [])
        #expect(try PythonReprReader.arguments("[1, 2,]") == [1, 2])
    }

    @Test(arguments: [
        "('aaa...',)", "(1, ...)", "(<object at 0x1>,)", "('a\\nb',)", "('a\\\\',)", "('open", "(1", "({1, 2},)",
        "({1: 2},)", "(datetime.date(2026, 1, 1),)", "(0x10,)", "(inf,)", "", "(1) 2", "'text'",
        String(repeating: "(", count: 100_000),
    ])
    func neverGuesses(_ text: String) {
        #expect(throws: PythonReprReader.Refusal.self) { try PythonReprReader.arguments(text) }
    }
}
