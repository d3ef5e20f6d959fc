import Connections
import Crypto

/// The names under which answers are kept: a hash of all that decides the answer.
enum CacheKey {
    /// Of a generation or a chat.
    static func completion(_ request: ModelRequest) throws -> String {
        var parts: [JSONValue] = [
            .string(ModelName.full(request.model)), .object(request.options), request.format ?? .null,
        ]
        switch request.input {
        case .prompt(let prompt, let system):
            parts += [.string("prompt"), .string(prompt), system.map(JSONValue.string) ?? .null]
        case .messages(let messages):
            parts += [.string("messages"), .array(messages)]
        }
        return hash(try JSONValue.array(parts).sortedBytes())
    }

    /// Of one embedded text.
    static func embedding(_ text: String, model: String) -> String {
        hash(Array("embed\0\(ModelName.full(model))\0\(text)".utf8))
    }

    private static func hash(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        let digits = Array("0123456789abcdef".utf8)
        for byte in SHA256.hash(data: bytes) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
