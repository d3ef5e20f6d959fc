import Foundation
import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct ArgumentsDecoderTests {
    /// A body as a publisher writes it.
    static func body(_ args: String, _ kwargs: String = "{}") -> TaskBody {
        let bytes = Array("[\(args), \(kwargs), null]".utf8)
        let split = 1 + args.utf8.count
        return .json(bytes: bytes, args: 1..<split, kwargs: split + 2..<split + 2 + kwargs.utf8.count, embed: nil)
    }

    private func decode<T: Decodable>(_ type: T.Type, _ args: String, _ kwargs: String = "{}") throws -> T {
        try ArgumentsDecoder.decode(type, from: Self.body(args, kwargs), taskName: "tests.tasks.task")
    }

    private func message<T: Decodable>(_ type: T.Type, _ args: String, _ kwargs: String = "{}") -> String? {
        do {
            _ = try decode(type, args, kwargs)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func errorsAreInPythonsWords() throws {
        for call in try PythonFixture.load().calls {
            let name = try #require(call[0])
            let (args, kwargs) = (try #require(call[1]), try #require(call[2]))
            let text: String? =
                switch name {
                case "add": message(Samples.Add.self, args, kwargs)
                case "scale": message(Samples.Scale.self, args, kwargs)
                case "nothing": message(Samples.Nothing.self, args, kwargs)
                case "one": message(Samples.One.self, args, kwargs)
                case "many": message(Samples.Many.self, args, kwargs)
                default: message(Samples.Words.self, args, kwargs)
                }
            #expect(text?.replacing("task()", with: name + "()") == call[3], "\(name)(*\(args), **\(kwargs))")
        }
    }

    @Test func bindsByPositionAndByKeyword() throws {
        #expect(try decode(Samples.Add.self, "[1, 2]") == Samples.Add(x: 1, y: 2))
        #expect(try decode(Samples.Add.self, "[1]", #"{"y": 2}"#) == Samples.Add(x: 1, y: 2))
        #expect(try decode(Samples.Add.self, "[]", #"{"y": 2, "x": 1}"#) == Samples.Add(x: 1, y: 2))
        #expect(try decode(Samples.Add.self, " [ 1 , 2 ] ", " { } ") == Samples.Add(x: 1, y: 2))
        #expect(try decode(Samples.Scale.self, "[1]") == Samples.Scale(x: 1, factor: nil))
        #expect(try decode(Samples.Scale.self, "[1, null]") == Samples.Scale(x: 1, factor: nil))
        #expect(try decode(Samples.Scale.self, "[1, 2]") == Samples.Scale(x: 1, factor: 2))
        #expect(try decode(Samples.Words.self, "[]", #"{"second": "b"}"#) == Samples.Words(first: nil, second: "b"))
        #expect(try decode(Samples.Nothing.self, "[]") == Samples.Nothing())
        #expect(try decode(Samples.Defaulted.self, "[1]").y == 5)
        #expect(try decode(Samples.Defaulted.self, "[1, 2]").y == 2)
        #expect(try decode(Samples.Defaulted.self, "[1]", #"{"y": 3}"#).y == 3)
        let derived = try decode(Samples.Derived.self, "[1, 2]")
        #expect(derived.y == 1 && derived.x == 2)
    }

    @Test func takesListsAndMapsAsAWhole() throws {
        #expect(try decode(Samples.Sum.self, "[1, 2, 3]").numbers == [1, 2, 3])
        #expect(try decode(Samples.Sum.self, "[]").numbers == [])
        #expect(try decode([CeleryValue].self, #"[1, "a", null]"#) == [1, "a", .null])
        #expect(try decode([Int].self, "[1, 2]") == [1, 2])
        #expect(try decode(Samples.Pair.self, #"[1, "a"]"#).second == "a")
        #expect(try decode([String: Int].self, "[]", #"{"a": 1, "b": 2}"#) == ["a": 1, "b": 2])
        #expect(try decode(CeleryMap.self, "[]", #"{"a": 1}"#) == ["a": 1])
        #expect(message(Samples.Sum.self, "[1]", #"{"x": 1}"#) == "task() got an unexpected keyword argument 'x'")
        #expect(message(Samples.Sum.self, #"[1, "b"]"#) == "task() argument '[1]': expected int, found str")
        #expect(message(Samples.Pair.self, #"[1, "a", 2]"#) == "task() takes 2 positional arguments but 3 were given")
        #expect(message(Samples.Pair.self, "[1]") == "task() arguments: the list has only 1 elements")
        #expect(message(Int.self, "[1]") == "task() arguments: expected int, found list")
        #expect(message([String: Int].self, "[1]") == "task() takes 0 positional arguments but 1 was given")
    }

    @Test func mismatchesNameTheArgumentAndBothTypes() {
        #expect(message(Samples.Add.self, #"[1, "2"]"#) == "task() argument 'y': expected int, found str")
        #expect(message(Samples.Add.self, "[1, null]") == "task() argument 'y': expected int, found None")
        #expect(
            message(Samples.Add.self, "[1]", #"{"y": 1.5}"#) == "task() argument 'y': expected int, found float 1.5"
        )
        #expect(message(Samples.Words.self, "[true]") == "task() argument 'first': expected str, found bool")
        #expect(
            message(Samples.Add.self, "[1, 9223372036854775808]")
                == "task() argument 'y': expected int from -9223372036854775808 to 9223372036854775807, "
                + "found 9223372036854775808"
        )
        struct Task: Decodable { var box: Samples.Box }
        let box = #"{"name": "n", "size": 1, "tags": [], "inner": [{"x": 1, "y": 2}, {"x": 1, "y": []}]}"#
        #expect(message(Task.self, "[\(box)]") == "task() argument 'box.inner[1].y': expected int, found list")
        #expect(message(Task.self, "[{}]") == "task() argument 'box': the key 'name' is missing")
        let color = #"{"name": "n", "size": 1, "tags": [], "inner": [], "color": "blue"}"#
        #expect(
            message(Task.self, "[\(color)]")
                == "task() argument 'box.color': Cannot initialize Color from invalid String value blue"
        )
    }

    @Test func aMissingArgumentGoesBeforeAMismatch() {
        #expect(message(Samples.Add.self, #"["a"]"#) == "task() missing 1 required positional argument: 'y'")
        #expect(message(Samples.Add.self, #"["a", 2, 3]"#) == "task() takes 2 positional arguments but 3 were given")
        #expect(
            message(Samples.Everything.self, "[1]").map {
                $0.hasPrefix("task() missing 8 required positional arguments")
            }
                == true
        )
    }

    @Test func allMissingOnesAreNamedWhateverTheirType() {
        struct Task: Decodable {
            var date: Date
            var uuid: UUID
            var url: URL
            var decimal: Decimal
            var color: Samples.Color
            var box: Samples.Box
            var shapes: [Samples.Shape]
            var last: Bool
        }
        #expect(
            message(Task.self, "[]")
                == "task() missing 8 required positional arguments: "
                + "'date', 'uuid', 'url', 'decimal', 'color', 'box', 'shapes', and 'last'"
        )
    }

    @Test func otherErrorsOfATypeArePassedOn() {
        #expect(throws: Samples.Invalid()) { try decode(Samples.Positive.self, "[-1]") }
        #expect(message(Samples.Positive.self, "[]") == "task() missing 1 required positional argument: 'x'")
    }

    @Test(arguments: [
        ("[1, 2", "{}"), ("[1 2]", "{}"), ("[1, 2]]", "{}"), ("{}", "{}"), ("5", "{}"), ("[1, 2]", "[]"),
        ("[1]", #"{"y" 2}"#), ("[1, 2]", #"{"z": {"__type__": "nope", "__value__": 1}}"#), ("[1, nul]", "{}"),
    ])
    func brokenTextIsAnError(_ args: String, _ kwargs: String) {
        #expect(throws: JSONError.self) { try decode(Samples.Add.self, args, kwargs) }
    }

    @Test func deepTextNeverOverflowsTheStack() throws {
        struct Task: Decodable { var tree: Samples.Tree }
        let deep = String(repeating: #"{"children": ["#, count: 60) + String(repeating: "]}", count: 60)
        #expect(throws: Never.self) { try decode(Task.self, "[\(deep)]") }
        let deeper = String(repeating: #"{"children": ["#, count: 100_000) + String(repeating: "]}", count: 100_000)
        #expect(throws: JSONError.self) { try decode(Task.self, "[\(deeper)]") }
    }

    @Test func valuesThatWereParsedAlreadyBindAlike() throws {
        let body = TaskBody.values(args: [1], kwargs: ["y": 2], embed: nil)
        #expect(try ArgumentsDecoder.decode(Samples.Add.self, from: body, taskName: "add") == .init(x: 1, y: 2))
        let none = TaskBody.json(bytes: Array("[[], {}]".utf8), args: 1..<3, kwargs: 0..<0, embed: nil)
        #expect(throws: Never.self) { try ArgumentsDecoder.decode(Samples.Nothing.self, from: none, taskName: "n") }
    }
}
