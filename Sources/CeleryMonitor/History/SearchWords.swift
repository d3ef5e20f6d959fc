/// What somebody types into the search as an expression of FTS5: all of the words, each also as the beginning of one.
enum SearchWords {
    private static let maxWords = 16

    /// Nil when there is no word in it. Words are cut as FTS5's `unicode61` cuts them, at what is neither letter nor
    /// digit, so that none is a phrase, which an index without places can't find
    /// (https://www.sqlite.org/fts5.html#unicode61_tokenizer).
    static func expression(_ text: String, onlyASCII: Bool = false) -> String? {
        let words = text.unicodeScalars.prefix(1000).split { !isPart($0, onlyASCII) }.prefix(maxWords)
        guard !words.isEmpty else { return nil }
        return words.map { "\"\(String(String.UnicodeScalarView($0)))\" *" }.joined(separator: " AND ")
    }

    private static func isPart(_ scalar: Unicode.Scalar, _ onlyASCII: Bool) -> Bool {
        if scalar.isASCII {
            return switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: false
            }
        }
        guard !onlyASCII else { return false }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }
}
