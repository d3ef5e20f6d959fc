import Foundation

/// What real Python made of a table of values; `Fixtures/coding/generate.py` writes it.
struct PythonFixture: Decodable {
    struct Value: Decodable {
        let json: String
        let saferepr: String
        let short: String
        let repr: String
        let str: String
    }

    struct Arguments: Decodable {
        let args: String
        let kwargs: String
        let argsrepr: String
        let kwargsrepr: String
    }

    struct Exception: Decodable {
        let module: String
        let type: String
        let message: String
        let repr: String
        let str: String
        let last: String
    }

    struct Time: Decodable {
        let text: String
        let microseconds: Int64?

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            text = try container.decode(String.self)
            microseconds = try container.decode(Int64?.self)
        }
    }

    struct Stamp: Decodable {
        let microseconds: Int64
        let iso: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            microseconds = try container.decode(Int64.self)
            iso = try container.decode(String.self)
        }
    }

    let values: [Value]
    let arguments: [Arguments]
    /// A text, and what Python makes of it; nothing if Python refuses it.
    let inputs: [[String?]]
    let times: [Time]
    let stamps: [Stamp]
    /// Function, positional arguments, keyword arguments, the text of Python's error.
    let calls: [[String?]]
    let exceptions: [Exception]
    /// The bits of a double as a signed integer, and its repr.
    let floats: [[String]]

    static func load() throws -> PythonFixture {
        let url = Bundle.module.url(forResource: "Fixtures/coding/coding", withExtension: "json")
        guard let url else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(PythonFixture.self, from: Data(contentsOf: url))
    }
}
