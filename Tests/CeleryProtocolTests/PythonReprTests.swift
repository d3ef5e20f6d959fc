import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct PythonReprTests {
    @Test func printsWhatPythonPrints() throws {
        for expected in try PythonFixture.load().values {
            let value = try JSONParser.parse(Array(expected.json.utf8))
            #expect(PythonRepr.repr(value) == expected.saferepr)
            #expect(PythonRepr.repr(value, maxLength: 30) == expected.short)
            #expect(PythonRepr.full(value) == expected.repr)
            #expect(PythonRepr.str(value) == expected.str)
        }
    }

    @Test func printsArgumentsAsATuple() throws {
        for expected in try PythonFixture.load().arguments {
            let args = try JSONParser.parse(Array(expected.args.utf8)).arrayValue
            let kwargs = try JSONParser.parse(Array(expected.kwargs.utf8)).mapValue
            #expect(PythonRepr.arguments(try #require(args)) == expected.argsrepr)
            #expect(PythonRepr.keywords(try #require(kwargs)) == expected.kwargsrepr)
        }
    }
}
