/// A single value beside a stored point, by which searches can be narrowed.
package enum MetadataValue: Sendable, Hashable {
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)
}

extension MetadataValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONOutput {
    package mutating func value(_ value: MetadataValue) {
        switch value {
        case .string(let text): self.value(text)
        case .int(let number): self.value(number)
        case .double(let number): self.value(number)
        case .bool(let flag): self.value(flag)
        }
    }

    /// An object in the order of its keys, so that equal maps give equal text.
    package mutating func object(_ values: [String: MetadataValue]) {
        append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            self.value(key)
            append(UInt8(ascii: ":"))
            self.value(value)
        }
        append(UInt8(ascii: "}"))
    }
}
