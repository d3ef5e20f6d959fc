import CeleryProtocol
import OrderedCollections

/// Reads a rate limit as Celery's `rate` does (`celery/utils/time.py`), and fails with its words.
enum PythonRate {
    enum Failure: Error, Hashable {
        /// A ValueError, which `rate_limit` answers in its own words.
        case invalid(ExceptionRecord)
        /// Any other exception.
        case raised(ExceptionRecord)
    }

    /// `.off` for none, 0 and an empty text.
    static func parse(_ value: CeleryValue) throws(Failure) -> OptionalSetting<RateLimit> {
        guard value.isTrue else { return .off }
        let text: String
        switch value {
        case .string(let given): text = given
        case .int, .double: text = PythonRepr.full(value)
        default:
            throw .raised(.typeError("rate limit must be a string or a number, not \(value.pythonTypeName)"))
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let unit = parts.count > 1 && !parts[1].isEmpty ? parts[1] : "s"
        guard ["s", "m", "h"].contains(unit) else { throw .raised(.builtin("KeyError", unit)) }
        guard let number = Double(parts[0].filter { $0 != " " }) else {
            throw .invalid(.valueError("could not convert string to float: \(PythonRepr.full(.string(parts[0])))"))
        }
        guard number != 0 else { return .off }
        let written = parts.count > 1 && !parts[1].isEmpty ? text : parts[0]
        guard number > 0, number.isFinite, let limit = RateLimit(written.filter { $0 != " " }) else {
            throw .invalid(.valueError("a rate must be a positive number, not \(PythonRepr.full(.string(parts[0])))"))
        }
        return .on(limit)
    }
}
