import OrderedCollections

/// One run of `saferepr`: tokens are counted against a length, and when it is used up the rest is left out.
struct SafeRepr {
    /// How many containers may be shown inside one another.
    private static let maxLevels = 3

    private var text = ""
    private var remaining: Int
    /// The closing brackets of the containers that are open.
    private var open: [String] = []
    private var isCut = false

    init(maxLength: Int) {
        remaining = maxLength
    }

    /// Runs one value through; gives the text with every bracket closed.
    consuming func run(_ show: (inout SafeRepr) -> Void) -> String {
        show(&self)
        return text
    }

    mutating func show(_ value: CeleryValue, level: Int) {
        switch value {
        case .string(let string): token { Self.quoted(string, $0) }
        case .bytes(let bytes): token { Self.binary(bytes, $0) }
        case .array(let elements): show(elements: elements, open: "[", close: "]", level: level)
        case .map(let map): show(map: map, level: level)
        default: token { Self.truncated(PythonLiteral.scalar(value), $0) }
        }
    }

    mutating func show(elements: [CeleryValue], open: String, close: String, level: Int) {
        guard begin(open, close, level: level) else { return }
        for (index, element) in elements.enumerated() {
            if index > 0 { literal(", ") }
            show(element, level: level + 1)
            if isCut { return }
        }
        end(close)
    }

    mutating func show(map: CeleryMap, level: Int) {
        guard begin("{", "}", level: level) else { return }
        for (index, element) in map.enumerated() {
            if index > 0 { literal(", ") }
            token { Self.quoted(element.key, $0) }
            literal(": ")
            show(element.value, level: level + 1)
            if isCut { return }
        }
        end("}")
    }

    /// Opens a container; false when it is too deep or the length is used up.
    private mutating func begin(_ opening: String, _ closing: String, level: Int) -> Bool {
        guard level < Self.maxLevels else {
            literal(opening + "..." + closing)
            return false
        }
        literal(opening)
        guard !isCut else { return false }
        open.append(closing)
        return true
    }

    /// Closes a container, which is shown even when the length is used up.
    private mutating func end(_ closing: String) {
        guard !isCut else { return }
        text += closing
        remaining -= closing.unicodeScalars.count
        open.removeLast()
    }

    private mutating func literal(_ literal: String) { token { _ in literal } }

    /// Adds what `make` gives for the length that remains, or leaves out everything from here on.
    private mutating func token(_ make: (Int) -> String) {
        guard !isCut else { return }
        guard remaining > 0 else {
            isCut = true
            text += ", ..." + open.reversed().joined()
            return
        }
        let token = make(remaining)
        text += token
        remaining -= token.unicodeScalars.count
    }

    private static func quoted(_ string: String, _ length: Int) -> String {
        "'" + truncated(string, length).replacing("'", with: "\\'") + "'"
    }

    /// Text of at least `length` code points is cut there and then at its last space.
    private static func truncated(_ string: String, _ length: Int) -> String {
        let scalars = string.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: length, limitedBy: scalars.endIndex) else {
            return string
        }
        let head = scalars[..<end]
        let cut = head.lastIndex(of: " ").map { head[..<$0] } ?? head
        return String(cut) + "..."
    }

    private static func binary(_ bytes: [UInt8], _ length: Int) -> String {
        let chunk = Array(bytes.prefix(length))
        let text = String(validating: chunk, as: UTF8.self) ?? PythonLiteral.hex(chunk)
        return "b'" + text + (chunk.count < bytes.count ? "..." : "") + "'"
    }
}
