/// Object ids of types that are treated in a way of their own (`pg_type.dat`).
enum PostgresType {
    static let bytea: UInt32 = 17
}

/// The hex form of a `bytea`: `\x` and two digits for each byte.
enum PostgresHex {
    /// - Returns: `nil` if it is not in that form.
    static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count >= 2, text.count % 2 == 0, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else {
            return nil
        }
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2 - 1) { buffer, count in
            for index in 0..<(text.count / 2 - 1) {
                guard let high = digit(text[2 + index * 2]), let low = digit(text[3 + index * 2]) else {
                    isWhole = false
                    return
                }
                buffer[index] = high << 4 | low
                count += 1
            }
        }
        return isWhole ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension Int {
    /// A decimal number without making a `String` first; `nil` if it is none or does not fit.
    init?(asciiDigits text: UnsafeRawBufferPointer) {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text[(isNegative ? 1 : 0)...]
        guard !digits.isEmpty else { return nil }
        var number = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            // Counted downwards, because there is one more negative number.
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.subtractingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflow, !sumOverflow else { return nil }
            number = sum
        }
        guard isNegative || number != .min else { return nil }
        self = isNegative ? number : -number
    }
}
