/// Reads Flower's search language: OR binds weaker than AND, which may be left out.
struct FlowerSearchParser {
    private static let fields: Set<String> = ["name", "state", "worker", "args", "kwargs", "result"]
    private static let maxDepth = 5
    private static let minSubstring = 3

    private let tokens: [FlowerSearchToken]
    private var index = 0

    /// - Parameter tokens: With their end.
    init(tokens: [FlowerSearchToken]) { self.tokens = tokens }

    private var current: FlowerSearchToken { tokens[min(index, tokens.count - 1)] }

    mutating func parse() throws(FlowerSearchError) -> FlowerSearch {
        guard current.kind != .end else { return .all }
        let query = try or(0)
        guard current.kind == .end else { throw unexpected() }
        return query
    }

    private mutating func or(_ depth: Int) throws(FlowerSearchError) -> FlowerSearch {
        var parts = [try and(depth)]
        while current.kind == .or {
            try operand("OR")
            parts.append(try and(depth))
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func and(_ depth: Int) throws(FlowerSearchError) -> FlowerSearch {
        var parts = [try primary(depth)]
        while ![.end, .close, .or].contains(current.kind) {
            if current.kind == .and { try operand("AND") }
            parts.append(try primary(depth))
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    /// Steps over an operator, which must have something behind it.
    private mutating func operand(_ name: String) throws(FlowerSearchError) {
        let position = current.position
        index += 1
        guard [.open, .term].contains(current.kind) else {
            throw FlowerSearchError("\(name) must be followed by a search term", at: position)
        }
    }

    private mutating func primary(_ depth: Int) throws(FlowerSearchError) -> FlowerSearch {
        let token = current
        switch token.kind {
        case .open:
            guard depth < Self.maxDepth else {
                throw FlowerSearchError("Query nesting exceeds \(Self.maxDepth) levels", at: token.position)
            }
            index += 1
            guard current.kind != .close else { throw FlowerSearchError("Empty group", at: token.position) }
            let query = try or(depth + 1)
            guard current.kind == .close else {
                throw FlowerSearchError("Missing closing parenthesis", at: token.position)
            }
            index += 1
            return query
        case .term:
            index += 1
            return try Self.term(token)
        default: throw FlowerSearchError("Expected a search term", at: token.position)
        }
    }

    private func unexpected() -> FlowerSearchError {
        let value = current.kind == .close ? ")" : current.value
        return FlowerSearchError("Unexpected '\(value)'", at: current.position)
    }

    private static func term(_ token: FlowerSearchToken) throws(FlowerSearchError) -> FlowerSearch {
        var field: String?
        var value = token.value
        if let colon = value.firstIndex(of: ":"), fields.contains(value[..<colon].lowercased()) {
            field = value[..<colon].lowercased()
            value = String(value[value.index(after: colon)...])
        }
        if field == nil, value.hasPrefix("-") {
            throw FlowerSearchError("Negation with '-' is not supported", at: token.position)
        }
        guard !value.isEmpty else { throw FlowerSearchError("Search qualifier requires a value", at: token.position) }
        let isExact = field == "state" || (field == "kwargs" && value.contains("="))
        let length = value.trimmingWhitespace.unicodeScalars.count
        guard isExact || length >= minSubstring else {
            throw FlowerSearchError(
                "Substring search terms must contain at least \(minSubstring) characters",
                at: token.position
            )
        }
        return .term(field: field, value: value)
    }
}
