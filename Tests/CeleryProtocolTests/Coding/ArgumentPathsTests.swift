import Foundation
import OrderedCollections
import Testing

@testable import CeleryProtocol

/// The fast path and the general one have to agree on every input.
@Suite struct ArgumentPathsTests {
    struct Mixed: Decodable, Equatable {
        var a: Int
        var b: Double?
        var c: String?
        var d: [Int]?
        var e: Samples.Box?
        var f: Bool?
        var g: Samples.Either?
        var h: [String: [Double]]?
        var i: CeleryValue?
        var j: UInt8?
    }

    private let tokens = [
        "0", "-1", "7", "255", "256", "1.5", "2.0", "1e3", "9223372036854775808", "1e400", "NaN", "true", "false",
        "null",
        #""""#, #""a""#, #""é\n\ud83d\ude00""#, #""\ud800""#, "[]", "[1, 2]", "[1.0, 2]", "[1, null]", #"["a"]"#, "{}",
        #"{"x": 1}"#, #"{"k": [1, 2.5]}"#, #"{"k": [1], "k": [2]}"#,
        #"{"name": "n", "size": 1, "tags": ["t"], "inner": [{"x": 1, "y": 2}], "color": "red"}"#,
        #"{"name": "n", "size": 1.0, "tags": [], "inner": [], "extra": {"deep": [null]}}"#,
        #"{"name": "n", "size": 1, "tags": [], "inner": [{"x": 1}]}"#, #"{"__type__": "bytes", "__value__": "abc"}"#,
        #"{"__type__": "nope", "__value__": "abc"}"#, #"{"\u005f_type__": "date", "__value__": "2026-01-02"}"#, "[[1]",
        "01", "x",
    ]

    private func general<T: Decodable>(_ type: T.Type, _ body: TaskBody) -> Result<T, any Error> {
        Result {
            guard case .json(let bytes, let args, let kwargs, _) = body else { throw Samples.Invalid() }
            let values = try ArgumentsDecoder.parse(bytes, args, kwargs, .init())
            return try ArgumentBinding.decode(type, values.args, values.kwargs, "t.task")
        }
    }

    private func check<T: Decodable & Equatable>(_ type: T.Type, _ args: String, _ kwargs: String) -> Bool {
        let body = ArgumentsDecoderTests.body(args, kwargs)
        let whole = Result { try ArgumentsDecoder.decode(type, from: body, taskName: "t.task") }
        let slow = general(type, body)
        switch (whole, slow) {
        case (.success(let one), .success(let other)):
            #expect(one == other || "\(one)" == "\(other)", "\(args) \(kwargs)")
            return true
        case (.failure(let one), .failure(let other)):
            #expect("\(one)" == "\(other)", "\(args) \(kwargs)")
        default: Issue.record("\(type): \(whole) against \(slow) for \(args) \(kwargs)")
        }
        return false
    }

    @Test func agreeOnRandomArguments() {
        var random = SystemRandomNumberGenerator()
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "z"]
        var accepted = 0
        for _ in 0..<4_000 {
            let count = Int.random(in: 0...4, using: &random)
            let args = (0..<count).map { _ in tokens.randomElement(using: &random) ?? "1" }
            let keywords = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\"\(names.randomElement(using: &random) ?? "a")\": \(tokens.randomElement(using: &random) ?? "1")"
            }
            let (list, map) = ("[" + args.joined(separator: ", ") + "]", "{" + keywords.joined(separator: ",") + "}")
            if check(Mixed.self, list, map) { accepted += 1 }
            _ = check(Samples.Scale.self, list, map)
            _ = check(Samples.Words.self, list, map)
        }
        #expect(accepted > 50)
    }

    /// Each parameter in turn gets each token, so that every type meets every text.
    @Test func agreeOnEveryTypeWithEveryToken() {
        for token in tokens {
            for name in ["b", "c", "d", "e", "f", "g", "h", "i", "j"] {
                _ = check(Mixed.self, "[1]", "{\"\(name)\": \(token)}")
            }
            _ = check(Samples.One.self, "[\(token)]", "{}")
            _ = check(Mixed.self, "[1, \(token)]", "{}")
        }
    }

    @Test func agreeOnDocuments() throws {
        let values = try PythonFixture.load().values.map(\.json) + tokens
        for text in values {
            let bytes = Array(text.utf8)
            check(CeleryValue.self, bytes)
            check(Samples.Box.self, bytes)
            check([String: CeleryValue].self, bytes)
            check([String: Int].self, bytes)
            check([Samples.Either].self, bytes)
            check([Double?].self, bytes)
            check(Samples.Either.self, bytes)
            check(String.self, bytes)
            check(Float.self, bytes)
            check(Int128.self, bytes)
            check([[Int]].self, bytes)
            check(Date?.self, bytes)
            check(Decimal.self, bytes)
        }
    }

    /// Texts are compared too, because NaN is not equal to itself.
    private func check<T: Decodable & Equatable>(_ type: T.Type, _ bytes: [UInt8]) {
        let fast = CeleryDecoder().fast(type, bytes, 0..<bytes.count)
        let slow = Result { try CeleryDecoder().decode(type, from: try JSONParser.parse(bytes)) }
        guard let fast else { return }
        guard case .success(let value) = slow else {
            Issue.record("\(type): the general path refuses \(String(decoding: bytes, as: UTF8.self))")
            return
        }
        #expect(fast == value || "\(fast)" == "\(value)")
    }

    @Test func theFastPathTakesWhatIsOrdinary() {
        let bytes = Array(#"[1, "é\n", {"k": [1]}]"#.utf8)
        struct Task: Decodable {
            var a: Int
            var b: String
            var c: [String: [Int]]
        }
        #expect(throws: Never.self) { try JSONArguments.decode(Task.self, bytes, 0..<bytes.count, 0..<0, .init()) }
        let unions = Array(#"[1, 2, "x"]"#.utf8)
        #expect(CeleryDecoder().fast([Samples.Either].self, unions, 0..<unions.count) == nil)
    }
}
