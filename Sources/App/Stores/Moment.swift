import CeleryWorker
import Foundation

/// Moments in the arguments and answers of tasks: ISO 8601; without a zone, UTC.
enum Moment {
    static func date(_ text: String) -> Date? {
        guard let stamp = Timestamp(iso: text) else { return nil }
        return Date(timeIntervalSince1970: stamp.secondsSince1970)
    }

    /// With microseconds, as Python's `isoformat` of an aware datetime.
    static func text(_ date: Date) -> String {
        Timestamp(microsecondsSince1970: Int64((date.timeIntervalSince1970 * 1_000_000).rounded())).iso
    }

    /// The argument of a task, or nil when it was not given.
    ///
    /// - Throws: `ExceptionRecord`: a Python `ValueError` that names the argument.
    static func argument(_ text: String?, _ name: String) throws -> Date? {
        guard let text else { return nil }
        guard let date = date(text) else {
            throw ExceptionRecord.valueError(
                "\(name) must be a moment in ISO 8601, e.g. 2026-11-21T12:00:00Z, not \"\(text.prefix(40))\""
            )
        }
        return date
    }
}
