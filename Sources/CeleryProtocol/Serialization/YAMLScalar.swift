/// The meaning of YAML 1.1's plain scalars, by PyYAML's rules (`yaml/resolver.py`, `yaml/constructor.py`).
enum YAMLScalar {
    private static let words: [String: CeleryValue] = {
        var words: [String: CeleryValue] = ["": .null, "~": .null, "null": .null, "Null": .null, "NULL": .null]
        for word in ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] { words[word] = .bool(true) }
        for word in ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] { words[word] = .bool(false) }
        for word in [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] { words[word] = .double(.infinity) }
        for word in ["-.inf", "-.Inf", "-.INF"] { words[word] = .double(-.infinity) }
        for word in [".nan", ".NaN", ".NAN"] { words[word] = .double(.nan) }
        return words
    }()

    /// What a plain scalar means: null, a boolean, number, date, or else its text.
    static func resolve(_ text: String) -> CeleryValue {
        if text.utf8.count <= 5, let word = words[text] { return word }
        guard let first = text.utf8.first, ASCII.isDigit(first) || "+-.".utf8.contains(first) else {
            return .string(text)
        }
        return YAMLTimestamp.parse(text) ?? integer(text) ?? float(text) ?? .string(text)
    }

    /// The tag of what `resolve` gives.
    static func tag(of value: CeleryValue) -> Substring {
        switch value {
        case .bool: "bool"
        case .int, .bigInt: "int"
        case .double: "float"
        case .datetime, .date: "timestamp"
        default: "str"
        }
    }

    private static func integer(_ text: String) -> CeleryValue? {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        guard let first = digits.utf8.first, ASCII.isDigit(first) else { return nil }
        if digits.utf8.contains(ASCII.colon) { return sexagesimal(digits, isNegative) }
        let radix: Int
        if digits.hasPrefix("0b") {
            (radix, digits) = (2, digits.dropFirst(2))
        } else if digits.hasPrefix("0x") {
            (radix, digits) = (16, digits.dropFirst(2))
        } else if digits.count > 1, first == ASCII.zero {
            (radix, digits) = (8, digits.dropFirst())
        } else {
            radix = 10
        }
        let plain = digits.filter { $0 != "_" }
        guard !plain.isEmpty, plain.utf8.allSatisfy({ isDigit($0, radix) }) else { return nil }
        if let value = Int((isNegative ? "-" : "") + plain, radix: radix) { return .int(value) }
        return radix == 10 ? .bigInt((isNegative ? "-" : "") + plain) : nil
    }

    private static func isDigit(_ byte: UInt8, _ radix: Int) -> Bool {
        ASCII.hexValue(byte).map { $0 < radix } ?? false
    }

    /// `190:20:30`, base sixty.
    private static func sexagesimal(_ text: Substring, _ isNegative: Bool) -> CeleryValue? {
        var total = 0
        for (index, part) in text.split(separator: ":", omittingEmptySubsequences: false).enumerated() {
            let digits = part.filter { $0 != "_" }
            guard let value = Int(digits), digits.utf8.allSatisfy(ASCII.isDigit), index == 0 ? value > 0 : value < 60
            else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: 60)
            let (sum, carry) = product.addingReportingOverflow(value)
            guard !overflow, !carry else { return nil }
            total = sum
        }
        return .int(isNegative ? -total : total)
    }

    /// A point is needed, and a sign in the exponent: `1e5` is a text.
    private static func float(_ text: String) -> CeleryValue? {
        let plain = text.filter { $0 != "_" }
        var rest = Substring(plain)
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(whole.count)
        guard rest.first == "." else { return nil }
        rest.removeFirst()
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(fraction.count)
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var number =
            (text.hasPrefix("-") ? "-" : "") + (whole.isEmpty ? "0" : whole) + "." + (fraction.isEmpty ? "0" : fraction)
        if !rest.isEmpty {
            let exponent = rest.dropFirst(2)
            guard rest.first == "e" || rest.first == "E", let sign = rest.dropFirst().first, sign == "+" || sign == "-",
                !exponent.isEmpty, exponent.utf8.allSatisfy(ASCII.isDigit)
            else { return nil }
            number += "e\(sign)\(exponent)"
        }
        return Double(number).map(CeleryValue.double)
    }
}
