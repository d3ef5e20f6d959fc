import CeleryProtocol
import OrderedCollections

/// Reads arguments from the text that events tell of them: what Celery's `saferepr` (`celery/utils/saferepr.py`) or
/// Python's `repr` makes of tuples, lists, dictionaries and plain values.
///
/// It never guesses: what was cut, what has no literal form, and what could be read in two ways is refused. `saferepr`
/// escapes nothing but the single quote, so that a backslash may be one or the beginning of an escape.
struct PythonReprReader {
    struct Refusal: Error, Sendable, Hashable {
        var reason: String
    }

    private let text: [Unicode.Scalar]
    private var place = 0

    /// How deep values may lie in one another.
    private static let deepest = 20

    /// A tuple or list of positional arguments.
    static func arguments(_ text: String) throws(Refusal) -> [CeleryValue] {
        guard case .array(let values) = try whole(text) else { throw Refusal(reason: "they are no tuple") }
        return values
    }

    static func keywords(_ text: String) throws(Refusal) -> CeleryMap {
        guard case .map(let map) = try whole(text) else { throw Refusal(reason: "they are no dictionary") }
        return map
    }

    private static func whole(_ text: String) throws(Refusal) -> CeleryValue {
        var reader = PythonReprReader(text: Array(text.unicodeScalars))
        let value = try reader.value(0)
        reader.skipBlanks()
        guard reader.place == reader.text.count else {
            throw Refusal(reason: "they were cut, or hold a value without a literal form")
        }
        return value
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private mutating func skipBlanks() {
        while let scalar = next, scalar == " " || scalar == "\n" { place += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard next == scalar else { return false }
        place += 1
        return true
    }

    private mutating func value(_ depth: Int) throws(Refusal) -> CeleryValue {
        guard depth < Self.deepest else { throw Refusal(reason: "they are nested too deeply") }
        skipBlanks()
        switch next {
        case "(":
            place += 1
            return .array(try elements(until: ")", depth))
        case "[":
            place += 1
            return .array(try elements(until: "]", depth))
        case "{":
            place += 1
            return .map(try pairs(depth))
        case "'", "\"": return .string(try string())
        default: return try word()
        }
    }

    private mutating func elements(until end: Unicode.Scalar, _ depth: Int) throws(Refusal) -> [CeleryValue] {
        var values: [CeleryValue] = []
        while !take(end) {
            values.append(try value(depth + 1))
            if take(",") { continue }
            guard take(end) else { throw Refusal(reason: "they were cut, or hold a value without a literal form") }
            break
        }
        return values
    }

    private mutating func pairs(_ depth: Int) throws(Refusal) -> CeleryMap {
        var map: CeleryMap = [:]
        while !take("}") {
            guard case .string(let key) = try value(depth + 1) else {
                throw Refusal(reason: "a dictionary has a key that is no text, or was cut")
            }
            guard take(":") else { throw Refusal(reason: "a dictionary was cut, or is a set") }
            map[key] = try value(depth + 1)
            if take(",") { continue }
            guard take("}") else { throw Refusal(reason: "they were cut, or hold a value without a literal form") }
            break
        }
        return map
    }

    private mutating func string() throws(Refusal) -> String {
        let quote = text[place]
        place += 1
        var result = String.UnicodeScalarView()
        while let scalar = next {
            place += 1
            if scalar == quote {
                let string = String(result)
                guard !string.hasSuffix("...") else { throw Refusal(reason: "a text was cut in the event") }
                return string
            }
            if scalar == "\\" {
                guard next == quote else {
                    throw Refusal(reason: "a text has a backslash, which the event does not tell from an escape")
                }
                result.append(quote)
                place += 1
            } else {
                result.append(scalar)
            }
        }
        throw Refusal(reason: "a text was cut in the event")
    }

    /// A number or one of Python's names.
    private mutating func word() throws(Refusal) -> CeleryValue {
        let start = place
        while let scalar = next, !",)]}: \n".unicodeScalars.contains(scalar) { place += 1 }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: text[start..<place])
        switch String(word) {
        case "None": return .null
        case "True": return .bool(true)
        case "False": return .bool(false)
        case "...", "": throw Refusal(reason: "they were cut in the event")
        case let text:
            if let number = Int(text) { return .int(number) }
            let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
            if !digits.isEmpty, digits.allSatisfy({ ("0"..."9").contains($0) }) { return .bigInt(text) }
            let isDecimal = digits.first.map { ("0"..."9").contains($0) } ?? false
            if isDecimal, !text.contains("x"), let number = Double(text), number.isFinite { return .double(number) }
            throw Refusal(reason: "they hold a value without a literal form: \(Format.short(text, 40))")
        }
    }
}
