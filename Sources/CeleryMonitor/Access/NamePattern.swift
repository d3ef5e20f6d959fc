/// A pattern of names in which `*` stands for any characters; case, `-` and capitals inside (`apiKey`) do not matter.
struct NamePattern: Sendable, Hashable {
    private let pattern: [UInt8]

    init(_ text: String) { pattern = Self.normal(text.utf8) }

    /// - Parameter name: In its normal form, see ``normal(_:)``.
    func matches(_ name: [UInt8]) -> Bool {
        var (at, here) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while here < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, here)
                at += 1
            } else if at < pattern.count, pattern[at] == name[here] {
                at += 1
                here += 1
            } else if let (starAt, starHere) = star {
                star = (starAt, starHere + 1)
                at = starAt + 1
                here = starHere + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Small letters; `_` for `-`, `.` and space, and before a capital that follows a small letter or a digit.
    static func normal(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var wasSmall = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                if wasSmall { result.append(UInt8(ascii: "_")) }
                result.append(byte | 0x20)
                wasSmall = false
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "):
                result.append(UInt8(ascii: "_"))
                wasSmall = false
            default:
                result.append(byte)
                wasSmall = byte != UInt8(ascii: "_")
            }
        }
        return result
    }
}
