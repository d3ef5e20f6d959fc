import JWTKit

/// What a JSON Web Token says. Who made it is checked by `TokenVerifier`, what it says by `problem`.
struct Claims: JWTPayload {
    private let values: [String: ClaimValue]

    init(_ values: [String: ClaimValue]) { self.values = values }

    init(from decoder: any Decoder) throws { values = try [String: ClaimValue](from: decoder) }

    func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// How far clocks may differ; seconds.
    private static let leeway = 60.0

    /// Why it does not count; nil: it does. All of `exp`, `iss`, `aud` must be there.
    func problem(issuer: String, audience: Set<String>, now: Double) -> String? {
        guard let expiry = number("exp") else { return "it never expires" }
        guard expiry + Self.leeway > now else { return "it has expired" }
        if let begin = number("nbf"), begin - Self.leeway > now { return "it does not count yet" }
        if let issued = number("iat"), issued - Self.leeway > now { return "it was issued in the future" }
        guard text("iss") == issuer else { return "it is of another issuer" }
        guard !audience.isDisjoint(with: texts("aud", splitting: false)) else { return "it is for somebody else" }
        return nil
    }

    /// The value behind `a.b`, or of a claim of that very name.
    private func value(_ path: String) -> ClaimValue? {
        if let value = values[path] { return value }
        var found: ClaimValue? = .object(values)
        for part in path.split(separator: ".") {
            guard case .object(let object) = found else { return nil }
            found = object[String(part)]
        }
        return found
    }

    func text(_ path: String) -> String? {
        guard case .string(let text) = value(path) else { return nil }
        return text
    }

    func number(_ path: String) -> Double? {
        guard case .number(let number) = value(path) else { return nil }
        return number
    }

    func flag(_ path: String) -> Bool? {
        switch value(path) {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    /// The texts of a list, or the words of one text (as `scope` has them).
    func texts(_ path: String, splitting: Bool = true) -> Set<String> {
        switch value(path) {
        case .string(let text): splitting ? Set(text.split(separator: " ").map(String.init)) : [text]
        case .array(let items):
            Set(items.compactMap { if case .string(let text) = $0 { text } else { nil } })
        default: []
        }
    }
}

/// A JSON value.
indirect enum ClaimValue: Codable, Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([ClaimValue])
    case object([String: ClaimValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ClaimValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: ClaimValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
