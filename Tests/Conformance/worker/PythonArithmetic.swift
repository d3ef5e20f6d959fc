import CeleryWorker

/// Python's `+` and `*` of the values that the suite gives: numbers, strings and lists.
extension CeleryValue {
    static func python(_ left: CeleryValue, plus right: CeleryValue) throws -> CeleryValue {
        switch (left, right) {
        case (.int(let left), .int(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            guard !overflow else { throw ExceptionRecord.builtin("OverflowError", "\(left) + \(right) is too large") }
            return .int(sum)
        case (.string(let left), .string(let right)): return .string(left + right)
        case (.array(let left), .array(let right)): return .array(left + right)
        default:
            guard let sum = added(left, right) else {
                throw ExceptionRecord.typeError(
                    "unsupported operand type(s) for +: '\(left.pythonTypeName)' and '\(right.pythonTypeName)'"
                )
            }
            return .double(sum)
        }
    }

    private static func added(_ left: CeleryValue, _ right: CeleryValue) -> Double? {
        guard let left = left.doubleValue, let right = right.doubleValue else { return nil }
        return left + right
    }

    /// Python's `sum(values)`.
    static func pythonSum(_ values: [CeleryValue]) throws -> CeleryValue {
        try values.reduce(0) { try python($0, plus: $1) }
    }

    /// What Python's `if value:` decides.
    var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let value): !value.isEmpty
        case .bytes(let value): !value.isEmpty
        case .array(let value): !value.isEmpty
        case .map(let value): !value.isEmpty
        default: true
        }
    }
}
