/// The parts of an ISO 8601 date and time, as `dateutil.parser.isoparse` reads them (`dateutil/parser/isoparser.py`).
///
/// Read are `YYYY`, `YYYY-MM`, `YYYY-MM-DD` and `YYYYMMDD`; any separator; `hh`, `hhmm`, `hh:mm` and so on; a fraction
/// after a point or comma, of which six digits count; `Z`, `±HH`, `±HHMM` and `±HH:MM`; `24:00`. Week and ordinal dates
/// are refused.
struct ISODateTime {
    var year = 1
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Seconds east of UTC; nil when the text has no zone.
    var offset: Int?

    /// Reads a text; nil when it is not one. `offsetSeconds` also allows the `±HH:MM:SS` that Python prints for
    /// odd zones.
    init?(_ text: String, offsetSeconds: Bool = false) {
        guard text.utf8.count >= 4, text.utf8.count <= 64 else { return nil }
        var reader = Reader(bytes: Array(text.utf8))
        guard readDate(&reader) else { return nil }
        if !reader.atEnd {
            reader.index += 1
            guard readTime(&reader, offsetSeconds: offsetSeconds) else { return nil }
        }
        guard isValid else { return nil }
    }

    private mutating func readDate(_ reader: inout Reader) -> Bool {
        guard let year = reader.digits(4) else { return false }
        self.year = year
        if reader.atEnd { return true }
        let separated = reader.take(ASCII.minus)
        guard let month = reader.digits(2) else { return false }
        self.month = month
        if reader.atEnd { return separated }
        if separated, !reader.take(ASCII.minus) { return false }
        guard let day = reader.digits(2) else { return false }
        self.day = day
        return true
    }

    private mutating func readTime(_ reader: inout Reader, offsetSeconds: Bool) -> Bool {
        guard let hour = reader.digits(2) else { return false }
        self.hour = hour
        let separated = reader.byte == ASCII.colon
        if ASCII.isDigit(reader.byte) || separated {
            if separated { reader.index += 1 }
            guard let minute = reader.digits(2) else { return false }
            self.minute = minute
            if reader.byte == ASCII.colon || ASCII.isDigit(reader.byte) {
                guard reader.take(ASCII.colon) == separated, let second = reader.digits(2) else { return false }
                self.second = second
                if reader.byte == ASCII.dot || reader.byte == ASCII.comma {
                    guard let fraction = reader.fraction() else { return false }
                    microsecond = fraction
                }
            }
        }
        return reader.atEnd || readOffset(&reader, seconds: offsetSeconds)
    }

    private mutating func readOffset(_ reader: inout Reader, seconds: Bool) -> Bool {
        if reader.take(ASCII.upperZ) || reader.take(ASCII.lowerZ) {
            offset = 0
            return reader.atEnd
        }
        let negative = reader.byte == ASCII.minus
        guard negative || reader.byte == ASCII.plus else { return false }
        reader.index += 1
        guard let hours = reader.digits(2), hours < 24 else { return false }
        var total = hours * 3_600
        if !reader.atEnd {
            _ = reader.take(ASCII.colon)
            guard let minutes = reader.digits(2), minutes < 60 else { return false }
            total += minutes * 60
        }
        if seconds, reader.take(ASCII.colon) {
            guard let odd = reader.digits(2), odd < 60 else { return false }
            total += odd
        }
        offset = negative ? -total : total
        return reader.atEnd
    }

    private var isValid: Bool {
        guard year >= 1, (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else {
            return false
        }
        if hour == 24 { return minute == 0 && second == 0 && microsecond == 0 }
        return hour < 24 && minute < 60 && second < 60
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `YYYY-MM-DD`.
    var dateText: String {
        var bytes: [UInt8] = []
        DateStamp.append(year, digits: 4, to: &bytes)
        bytes.append(ASCII.minus)
        DateStamp.append(month, digits: 2, to: &bytes)
        bytes.append(ASCII.minus)
        DateStamp.append(day, digits: 2, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A walk over the bytes of the text.
    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var atEnd: Bool { index >= bytes.count }
        var byte: UInt8 { index < bytes.count ? bytes[index] : 0 }

        mutating func take(_ byte: UInt8) -> Bool {
            guard self.byte == byte else { return false }
            index += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard index + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[index..<index + count] {
                guard ASCII.isDigit(byte) else { return nil }
                value = value * 10 + Int(byte - ASCII.zero)
            }
            index += count
            return value
        }

        /// The microseconds of a fraction; the current byte is its point.
        mutating func fraction() -> Int? {
            index += 1
            let start = index
            var value = 0
            while ASCII.isDigit(byte) {
                if index - start < 6 { value = value * 10 + Int(byte - ASCII.zero) }
                index += 1
            }
            guard index > start else { return nil }
            for _ in min(index - start, 6)..<6 { value *= 10 }
            return value
        }
    }
}
