/// YAML 1.1's dates and times (http://yaml.org/type/timestamp.html) as PyYAML reads them.
enum YAMLTimestamp {
    /// A date, or a date and time, as ISO text; nil if the text is neither.
    static func parse(_ text: String) -> CeleryValue? {
        var reader = Reader(bytes: Array(text.utf8.prefix(64)))
        guard text.utf8.count < 64, let year = reader.digits(4...4), reader.skip("-"),
            let month = reader.digits(1...2), reader.skip("-"), let day = reader.digits(1...2)
        else { return nil }
        let date = "\(year)-\(padded(month))-\(padded(day))"
        guard isDate(date) else { return nil }
        if reader.isAtEnd { return month.count == 2 && day.count == 2 ? .date(date) : nil }
        guard reader.separator(), let hour = reader.digits(1...2), reader.skip(":"), let minute = reader.digits(2...2),
            reader.skip(":"), let second = reader.digits(2...2)
        else { return nil }
        var time = "\(date)T\(padded(hour)):\(minute):\(second)"
        if reader.skip(".") {
            let fraction = reader.digits(0...40) ?? ""
            if let micros = Int(fraction.prefix(6)), micros != 0 {
                time += "." + fraction.prefix(6) + String(repeating: "0", count: max(0, 6 - fraction.count))
            }
        }
        reader.spaces()
        guard let zone = reader.zone(), reader.isAtEnd, Timestamp(iso: time + zone) != nil else { return nil }
        return .datetime(time + zone)
    }

    private static func isDate(_ date: String) -> Bool { Timestamp(iso: date + "T00:00:00") != nil }

    private static func padded(_ digits: String) -> String { digits.count == 1 ? "0" + digits : digits }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        var isAtEnd: Bool { at == bytes.count }

        mutating func digits(_ count: ClosedRange<Int>) -> String? {
            let run = bytes[at...].prefix(count.upperBound).prefix(while: ASCII.isDigit)
            guard count.contains(run.count) else { return nil }
            at += run.count
            return String(decoding: run, as: UTF8.self)
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard at < bytes.count, UInt32(bytes[at]) == character.value else { return false }
            at += 1
            return true
        }

        mutating func spaces() {
            while skip(" ") || skip("\t") {}
        }

        mutating func separator() -> Bool {
            if skip("T") || skip("t") { return true }
            let start = at
            spaces()
            return at > start
        }

        /// The zone as ISO text, empty if there is none; nil if it is malformed.
        mutating func zone() -> String? {
            if isAtEnd { return "" }
            if skip("Z") { return "+00:00" }
            let sign = skip("+") ? "+" : "-"
            guard sign == "+" || skip("-"), let hour = digits(1...2) else { return nil }
            guard skip(":") else { return "\(sign)\(YAMLTimestamp.padded(hour)):00" }
            guard let minute = digits(2...2) else { return nil }
            return "\(sign)\(YAMLTimestamp.padded(hour)):\(minute)"
        }
    }
}
