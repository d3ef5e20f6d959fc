/// Floating-point numbers as Python's `repr(float)` prints them.
enum PythonFloat {
    /// Appends the shortest digits that read back as the same number: `1.0`, `0.0001`, `1e-05`, `1e+16`, `nan`, `inf`.
    ///
    /// Python uses an exponent below 1e-4 and from 1e16 on; Swift's `description` gives the same digits but other
    /// rules, so only the digits are taken from it (CPython, `Objects/floatobject.c`, format code `r`).
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else {
            bytes.append(contentsOf: (value.isNaN ? "nan" : value < 0 ? "-inf" : "inf").utf8)
            return
        }
        if value.sign == .minus { bytes.append(ASCII.minus) }
        let magnitude = value.magnitude
        if magnitude < 1e15, magnitude.rounded(.towardZero) == magnitude {
            JSONWriter.append(Int(magnitude), to: &bytes)
            bytes.append(ASCII.dot)
            bytes.append(ASCII.zero)
            return
        }
        let (digits, point) = shortest(magnitude)
        if point > 16 || point < -3 {
            appendExponential(digits, point, to: &bytes)
        } else {
            appendPlain(digits, point, to: &bytes)
        }
    }

    static func text(_ value: Double) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Significant digits without zeros at either end, and the place of the decimal point counted from the first digit.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = Substring(value.description)
        if let mark = text.utf8.firstIndex(of: ASCII.lowerE) {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = text[..<mark]
        }
        for byte in text.utf8 {
            if byte == ASCII.dot { point = digits.count } else { digits.append(byte) }
        }
        var place = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == ASCII.zero }.count
        digits.removeFirst(leading)
        place -= leading
        while digits.last == ASCII.zero { digits.removeLast() }
        return (digits, place)
    }

    private static func appendExponential(_ digits: [UInt8], _ point: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: digits.prefix(1))
        if digits.count > 1 {
            bytes.append(ASCII.dot)
            bytes.append(contentsOf: digits.dropFirst())
        }
        let exponent = point - 1
        bytes.append(ASCII.lowerE)
        bytes.append(exponent < 0 ? ASCII.minus : ASCII.plus)
        if exponent.magnitude < 10 { bytes.append(ASCII.zero) }
        JSONWriter.append(Int(exponent.magnitude), to: &bytes)
    }

    private static func appendPlain(_ digits: [UInt8], _ point: Int, to bytes: inout [UInt8]) {
        if point <= 0 {
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(ASCII.zero, count: -point))
            bytes.append(contentsOf: digits)
        } else if digits.count <= point {
            bytes.append(contentsOf: digits)
            bytes.append(contentsOf: repeatElement(ASCII.zero, count: point - digits.count))
            bytes.append(contentsOf: ".0".utf8)
        } else {
            bytes.append(contentsOf: digits.prefix(point))
            bytes.append(ASCII.dot)
            bytes.append(contentsOf: digits.dropFirst(point))
        }
    }
}
