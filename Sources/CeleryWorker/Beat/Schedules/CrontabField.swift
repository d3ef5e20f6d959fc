/// One of the five fields of a crontab, and its grammar (`celery/schedules.py`, `crontab_parser`):
///
///     groups :: expr (',' expr)*      expr :: ('*' | number ('-' number)?) ('/' step)?
///
/// A range whose end lies before its start wraps round, `fri-mon`, `22-2`. A step counts within its range. A single
/// number takes no step. Names are English, of three letters or more.
enum CrontabField: String, CaseIterable, Sendable {
    case minute
    case hour
    case dayOfMonth = "day_of_month"
    case monthOfYear = "month_of_year"
    case dayOfWeek = "day_of_week"

    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .monthOfYear: 1...12
        case .dayOfWeek: 0...6
        }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// The values that a text stands for, bit `n` for the value `n`.
    ///
    /// - Throws: `CrontabError`, which names the field and the part that is wrong.
    func parse(_ text: String) throws(CrontabError) -> UInt64 {
        var values: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw wrong(text, "has nothing between, before or after its commas") }
            for value in try parse(part: part) { values |= 1 << UInt64(value) }
        }
        return values
    }

    private func parse(part: Substring) throws(CrontabError) -> [Int] {
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let base = halves[0]
        var values = Array(range)
        var isRange = true
        if base != "*" {
            let ends = base.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, !ends.contains("") else {
                throw wrong(part, "is no number and no range such as 1-5")
            }
            let first = try number(ends[0])
            let last = ends.count == 2 ? try number(ends[1]) : first
            isRange = ends.count == 2
            values =
                last < first
                ? Array(first...range.upperBound) + Array(range.lowerBound...last) : Array(first...last)
        }
        guard halves.count == 2 else { return values }
        guard isRange else {
            throw wrong(part, "has a step but no range; write \(base)-\(range.upperBound)/\(halves[1])")
        }
        guard let step = Self.digits(halves[1]), step > 0 else {
            throw wrong(part, "needs a whole number from 1 after the /")
        }
        return stride(from: 0, to: values.count, by: step).map { values[$0] }
    }

    private func number(_ text: Substring) throws(CrontabError) -> Int {
        guard let value = Self.digits(text) ?? named(text) else {
            let names = self == .monthOfYear ? " or a month's name" : self == .dayOfWeek ? " or a weekday's name" : ""
            throw wrong(text, "is no number\(names)")
        }
        guard range.contains(value) else {
            let hint = self == .dayOfWeek && value == 7 ? "; Sunday is 0" : ""
            throw wrong(text, "is not within \(range.lowerBound) to \(range.upperBound)\(hint)")
        }
        return value
    }

    /// Celery looks only at the first three letters and takes any name in any field; here a weekday is no month.
    private func named(_ text: Substring) -> Int? {
        guard text.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
        let short = text.prefix(3).lowercased()
        switch self {
        case .monthOfYear: return Self.months.firstIndex(of: short).map { $0 + 1 }
        case .dayOfWeek: return Self.weekdays.firstIndex(of: short)
        case .minute, .hour, .dayOfMonth: return nil
        }
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    private func wrong(_ text: some StringProtocol, _ what: String) -> CrontabError {
        CrontabError(field: rawValue, reason: "\"\(text.prefix(60))\" \(what)")
    }
}

/// Why a text is no crontab.
struct CrontabError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the wrong field; nil when the whole is wrong.
    let field: String?
    let reason: String

    var description: String { (field.map { "\($0): " } ?? "") + reason }
}
