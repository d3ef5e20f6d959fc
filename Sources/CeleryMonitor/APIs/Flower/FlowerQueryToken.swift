/// A word of Flower's search language.
struct FlowerQueryToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case open, close, and, or, term, end
    }

    static let maxTokens = 128
    static let maxLength = 2048

    var kind: Kind
    var value: String
    var position: Int

    static func tokens(of text: String) throws(FlowerQueryError) -> [FlowerQueryToken] {
        let characters = Array(text.unicodeScalars)
        guard characters.count <= maxLength else { throw FlowerQueryError("Query exceeds \(maxLength) characters") }
        var tokens: [FlowerQueryToken] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.properties.isWhitespace {
                index += 1
            } else if character == "(" || character == ")" {
                tokens.append(FlowerQueryToken(kind: character == "(" ? .open : .close, value: "", position: index))
                index += 1
            } else {
                tokens.append(try term(characters, &index))
            }
            guard tokens.count <= maxTokens else { throw FlowerQueryError("Query exceeds \(maxTokens) tokens") }
        }
        return tokens + [FlowerQueryToken(kind: .end, value: "", position: characters.count)]
    }

    private static func term(_ text: [Unicode.Scalar], _ index: inout Int) throws(FlowerQueryError) -> FlowerQueryToken {
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
        guard !isQuoted else { throw FlowerQueryError("Unterminated quoted phrase", at: position) }
        guard !value.isEmpty else { throw FlowerQueryError("Empty search term", at: position) }
        let word = String(value)
        guard wasQuoted || word != "NOT" else { throw FlowerQueryError("NOT is not supported", at: position) }
        let kind: Kind = wasQuoted ? .term : word == "AND" ? .and : word == "OR" ? .or : .term
        return FlowerQueryToken(kind: kind, value: word, position: position)
    }
}
