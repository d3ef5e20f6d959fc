import Connections

/// The options of a generation: their names are Ollama's (https://github.com/ollama/ollama/blob/main/docs/modelfile.md).
package enum ModelOptions {
    private enum Kind: String {
        case integer = "an integer"
        case number = "a number"
        case texts = "a list of texts"
    }

    private static let kinds: [String: Kind] = {
        let integers = [
            "num_predict", "num_ctx", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "seed", "top_k",
            "repeat_last_n",
        ]
        let numbers = [
            "temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty",
        ]
        var kinds = Dictionary(uniqueKeysWithValues: integers.map { ($0, Kind.integer) })
        for name in numbers { kinds[name] = .number }
        kinds["stop"] = .texts
        return kinds
    }()

    /// - Throws: `InferenceError.invalid` for a name that there is not, or a value of the wrong kind. Servers would
    ///   ignore the first, and then answer otherwise than was asked.
    package static func check(_ options: [String: JSONValue]) throws {
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            guard let kind = kinds[name] else {
                let known = kinds.keys.sorted().joined(separator: ", ")
                throw InferenceError.invalid("unknown option \"\(name)\"; known are \(known)")
            }
            guard fits(value, kind) else {
                throw InferenceError.invalid("option \"\(name)\" must be \(kind.rawValue)")
            }
        }
    }

    private static func fits(_ value: JSONValue, _ kind: Kind) -> Bool {
        switch (kind, value) {
        case (.integer, .integer), (.number, .integer): true
        case (.number, .number(let value)): value.isFinite
        case (.texts, .array(let items)): items.allSatisfy { $0.string != nil }
        default: false
        }
    }
}
