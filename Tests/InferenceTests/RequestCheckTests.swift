import Connections
import Logging
import Testing

@testable import Inference

/// What is refused before anybody is asked.
@Suite struct RequestCheckTests {
    private let service: InferenceService = {
        var configuration = InferenceConfiguration()
        configuration.instances = [ModelInstance(address: "http://127.0.0.1:1")]
        configuration.models = ["all-minilm", "llama3:8b"]
        configuration.maxPrompt = 100
        configuration.maxTexts = 3
        return InferenceService(configuration, redis: nil, logger: Logger(label: "test"))
    }()

    private func prompt(_ text: String, options: [String: JSONValue] = [:], format: JSONValue? = nil) -> ModelRequest {
        ModelRequest(model: "llama3:8b", input: .prompt(text, system: nil), options: options, format: format)
    }

    private func problem(_ request: ModelRequest) async -> String {
        do {
            _ = try await service.complete(request)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        arguments: [
            ("num_predict", .number(1.5), "option \"num_predict\" must be an integer"),
            ("seed", .bool(true), "option \"seed\" must be an integer"),
            ("temperature", .string("hot"), "option \"temperature\" must be a number"),
            ("temperature", .number(.nan), "option \"temperature\" must be a number"),
            ("stop", .string("x"), "option \"stop\" must be a list of texts"),
            ("stop", .array([.integer(1)]), "option \"stop\" must be a list of texts"),
        ] as [(String, JSONValue, String)]
    )
    func options(name: String, value: JSONValue, expected: String) async {
        #expect(await problem(prompt("x", options: [name: value])) == expected)
    }

    @Test func unknownOption() async {
        #expect(
            await problem(prompt("x", options: ["temprature": .integer(0)])).hasPrefix("unknown option \"temprature\"")
        )
    }

    @Test func sizes() async {
        #expect(await problem(prompt("")) == "prompt must not be empty")
        let long = await problem(prompt(String(repeating: "ü", count: 51)))
        #expect(long == "the prompt has 102 bytes, more than the 100 that max_prompt allows")
    }

    @Test func formats() async {
        #expect(await problem(prompt("x", format: .integer(1))) == "format must be \"json\" or a JSON schema")
        #expect(
            await problem(prompt("x", format: .object(["a": .number(.infinity)])))
                == "format must hold finite numbers only"
        )
    }

    @Test func models() async {
        var request = prompt("x")
        request.model = "llama3"
        #expect(await problem(request) == "unknown model \"llama3\"; known are all-minilm, llama3:8b")
        #expect(service.isAllowed("all-minilm:latest"))
        #expect(service.isAllowed("llama3:8b"))
    }

    @Test func texts() async {
        func problem(_ texts: [String]) async -> String {
            do {
                _ = try await service.embed(model: "all-minilm", texts: texts)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(await problem([]) == "texts must not be empty")
        #expect(await problem(["a", ""]) == "texts[1] must not be empty")
        #expect(await problem(["a", "b", "c", "d"]) == "4 texts are more than the 3 that max_texts allows")
        #expect(await problem([String(repeating: "x", count: 101)]).hasPrefix("texts[0] has 101 bytes"))
    }

    @Test func aServiceWithoutInstancesSaysWhatToDo() async {
        let empty = InferenceService(InferenceConfiguration(), redis: nil, logger: Logger(label: "test"))
        await #expect(throws: InferenceError.noInstances) { try await empty.embed(model: "m", texts: ["a"]) }
    }

    @Test func equalRequestsHaveEqualKeysAndOthersHaveNot() throws {
        var requests = [
            prompt("x"), prompt("y"), prompt("x", options: ["seed": .integer(1)]), prompt("x", format: .string("json")),
        ]
        requests.append(ModelRequest(model: "other", input: .prompt("x", system: nil)))
        requests.append(ModelRequest(model: "llama3:8b", input: .prompt("x", system: "")))
        requests.append(ModelRequest(model: "llama3:8b", input: .messages([.string("x")])))
        let keys = try requests.map(CacheKey.completion)
        #expect(Set(keys).count == requests.count)
        let options: [String: JSONValue] = ["a": .integer(1), "b": .number(0.5), "c": .array([.null])]
        let reordered = Dictionary(uniqueKeysWithValues: options.reversed())
        #expect(
            try CacheKey.completion(prompt("x", options: options))
                == CacheKey.completion(prompt("x", options: reordered))
        )
        #expect(CacheKey.embedding("b", model: "a") != CacheKey.embedding("a", model: "b"))
    }

    @Test func vectorsKeepEveryBit() {
        let vector: [Float] = [0, -0, 1.5, -.pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        #expect(VectorBytes.decode(VectorBytes.encode(vector))?.map(\.bitPattern) == vector.map(\.bitPattern))
        #expect(VectorBytes.decode([]) == nil)
        #expect(VectorBytes.decode([1, 2, 3]) == nil)
    }
}
