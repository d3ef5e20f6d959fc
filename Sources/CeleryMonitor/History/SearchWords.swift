/// The words of what somebody types into the search.
enum SearchWords {
    private static let maxWords = 16

    /// Cut as FTS5's `unicode61` cuts them, at what is neither letter nor digit, so that none is a phrase, which an index
    /// without places can't find (https://www.sqlite.org/fts5.html#unicode61_tokenizer).
    static func words(_ text: String, onlyASCII: Bool = false) -> [String] {
        text.unicodeScalars.prefix(1000).split { !isPart($0, onlyASCII) }.prefix(maxWords).map {
            String(String.UnicodeScalarView($0))
        }
    }

    /// What FTS5 takes: the word itself, or also all that begin with it.
    static func expression(_ word: String, isBeginning: Bool) -> String { "\"\(word)\"\(isBeginning ? " *" : "")" }

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
