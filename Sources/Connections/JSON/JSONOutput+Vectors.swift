extension JSONOutput {
    /// A vector as an array of numbers, each with enough digits to read back as the same 32-bit float.
    package mutating func vector(_ vector: [Float]) {
        append(UInt8(ascii: "["))
        var isFirst = true
        for element in vector {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            float(element)
        }
        append(UInt8(ascii: "]"))
    }

    /// Most elements of an embedding are below one and above a thousandth: those take a scaled integer, which costs a
    /// fraction of the general way. Its last digit stands for less than a quarter of the distance to the next float, so
    /// that it reads back the same, also by way of a 64-bit double.
    mutating func float(_ number: Float) {
        let magnitude = number.magnitude
        guard magnitude < 1, magnitude >= 0x1p-10 else { return general(number) }
        if number < 0 { append(UInt8(ascii: "-")) }
        let digits = magnitude >= 0x1p-4 ? 9 : 11
        let scale = digits == 9 ? 1e9 : 1e11
        fraction(UInt64((Double(magnitude) * scale).rounded()), digits: digits)
    }

    private mutating func general(_ number: Float) {
        guard number.isFinite else { return raw("null") }
        guard number != 0 else { return raw("0.0") }
        append(number.description.utf8)
    }

    /// `0.` and the digits of `scaled`, padded with zeros on the left. A value that rounded up to one is `1.000…`.
    private mutating func fraction(_ scaled: UInt64, digits: Int) {
        var text: InlineArray<11, UInt8> = .init(repeating: UInt8(ascii: "0"))
        var rest = scaled
        for place in stride(from: digits - 1, through: 0, by: -1) {
            text[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest))
        append(UInt8(ascii: "."))
        for place in 0..<digits { append(text[place]) }
    }
}
