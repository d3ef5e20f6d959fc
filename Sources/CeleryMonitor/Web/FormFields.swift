/// Fields of a query or of a posted form (`application/x-www-form-urlencoded`, WHATWG URL §5.1).
enum FormFields {
    /// More fields than this are not looked at.
    static let limit = 1000

    /// Names and values, decoded, in order; bytes that are no UTF-8 become U+FFFD.
    static func decode(_ text: String) -> [(key: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: limit).prefix(limit).map { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (plain(parts[0]), parts.count > 1 ? plain(parts[1]) : "")
        }
    }

    /// Percent-decoded; `+` is a space in a field, and itself in a path.
    static func plain(_ text: some Sequence<UInt8>, plusIsSpace: Bool = true) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
