/// A word of Flower's search language.
struct FlowerSearchToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case open, close, and, or, term, end
    }

    static let maxTokens = 128
    static let maxLength = 2048

    var kind: Kind
    var value: String
    var position: Int

    static func tokens(of text: String) throws(FlowerSearchError) -> [FlowerSearchToken] {
        let characters = Array(text.unicodeScalars)
        guard characters.count <= maxLength else { throw FlowerSearchError("Query exceeds \(maxLength) characters") }
        var tokens: [FlowerSearchToken] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.properties.isWhitespace {
                index += 1
            } else if character == "(" || character == ")" {
                tokens.append(FlowerSearchToken(kind: character == "(" ? .open : .close, value: "", position: index))
                index += 1
            } else {
                tokens.append(try term(characters, &index))
            }
            guard tokens.count <= maxTokens else { throw FlowerSearchError("Query exceeds \(maxTokens) tokens") }
        }
        return tokens + [FlowerSearchToken(kind: .end, value: "", position: characters.count)]
    }

    private static func term(
        _ text: [Unicode.Scalar],
        _ index: inout Int
    ) throws(FlowerSearchError) -> FlowerSearchToken {
        let position = index
        var value = String.UnicodeScalarView()
        var (wasQuoted, isQuoted) = (false, false)
        while index < text.count {
            let character = text[index]
            if character == "\\", index + 1 < text.count, text[index + 1] == "\"" || text[index + 1] == "\\" {
                value.append(text[index + 1])
                index += 2
                continue
            }
            if character == "\"" {
                wasQuoted = true
                isQuoted.toggle()
                index += 1
                continue
            }
            if !isQuoted, character.properties.isWhitespace || character == "(" || character == ")" { break }
            value.append(character)
            index += 1
        }
        guard !isQuoted else { throw FlowerSearchError("Unterminated quoted phrase", at: position) }
        guard !value.isEmpty else { throw FlowerSearchError("Empty search term", at: position) }
        let word = String(value)
        guard wasQuoted || word != "NOT" else { throw FlowerSearchError("NOT is not supported", at: position) }
        let kind: Kind = wasQuoted ? .term : word == "AND" ? .and : word == "OR" ? .or : .term
        return FlowerSearchToken(kind: kind, value: word, position: position)
    }
}
