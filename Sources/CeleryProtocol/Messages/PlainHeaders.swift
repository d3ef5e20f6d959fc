/// The headers of a well-behaved protocol 2 message, read in one pass without copying: texts are ranges of the bytes,
/// empty where missing or null.
///
/// It only understands what Celery and its like send. Whatever is out of the ordinary (another type, a malformed entry,
/// a compressed body) makes `read` give false, and the message is then decoded by the general path.
struct PlainHeaders {
    var task = 0..<0
    var id = 0..<0
    var rootID = 0..<0
    var parentID = 0..<0
    var shadow = 0..<0
    var group = 0..<0
    var eta = 0..<0
    var expires = 0..<0
    var groupIndex: Int?
    var retries = 0
    var hardTimeLimit: Double?
    var softTimeLimit: Double?
    var ignoreResult: Bool?
    var isAgain = false

    /// Reads the entries in `range`. Nulls say nothing; of a name that comes twice the last that is not null counts.
    mutating func read(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            let name = at + 1
            let length = Int(span[at])
            at = name + length
            guard at < end else { return false }
            let letter = span[at]
            at += 1
            switch letter {
            case UInt8(ascii: "V"): continue
            case UInt8(ascii: "S"):
                guard let size = BigEndian.read(UInt32.self, span, &at, end), Int(size) <= end - at else {
                    return false
                }
                let text = at..<at + Int(size)
                at = text.upperBound
                guard set(span, name, length, text: text) else { return false }
            default:
                at -= 1
                guard let value = try? AMQPFieldValue.read(span, &at, end), set(span, name, length, value) else {
                    return false
                }
            }
        }
        return !task.isEmpty && !id.isEmpty
    }

    @inline(__always)
    private mutating func set(_ span: Span<UInt8>, _ name: Int, _ length: Int, text: Range<Int>) -> Bool {
        switch TaskHeaderName(span, name, length) {
        case nil: return true
        case .task: task = text
        case .id: id = text
        case .rootID: rootID = text
        case .parentID: parentID = text
        case .shadow: shadow = text
        case .group: group = text
        case .eta: eta = text
        case .expires: expires = text
        case .groupIndex, .retries, .timelimit, .ignoreResult, .compression, .again: return false
        }
        return true
    }

    private mutating func set(_ span: Span<UInt8>, _ name: Int, _ length: Int, _ value: AMQPFieldValue) -> Bool {
        switch (TaskHeaderName(span, name, length), value) {
        case (nil, _): return true
        case (.retries, .int(let number)): retries = max(0, Int(number))
        case (.groupIndex, .int(let number)): groupIndex = Int(number)
        case (.ignoreResult, .bool(let bool)): ignoreResult = bool
        case (.again, .bool(let bool)): isAgain = bool
        case (.timelimit, .array(let range)): return setTimeLimits(span, range)
        default: return false
        }
        return true
    }

    private mutating func setTimeLimits(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        guard let hard = try? AMQPFieldValue.read(span, &at, range.upperBound),
            let soft = try? AMQPFieldValue.read(span, &at, range.upperBound)
        else { return false }
        hardTimeLimit = Self.seconds(hard)
        softTimeLimit = Self.seconds(soft)
        return true
    }

    private static func seconds(_ value: AMQPFieldValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .double(let number) where number.isFinite: number
        default: nil
        }
    }
}
