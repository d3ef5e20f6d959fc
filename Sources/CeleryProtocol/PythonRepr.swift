import OrderedCollections

/// Values as Python prints them: Celery's `saferepr` for logs and headers, and Python's own `repr`.
///
/// `saferepr` (`celery/utils/saferepr.py`) shows three levels, stops at a length counted in code points, closes what it
/// opened, and escapes nothing in strings but the single quote.
public enum PythonRepr {
    /// `saferepr` of a value. `maxLength` is in code points; Celery's default for arguments is 1,024.
    public static func repr(_ value: CeleryValue, maxLength: Int = 1024) -> String {
        SafeRepr(maxLength: maxLength).run { $0.show(value, level: 0) }
    }

    /// `saferepr` of positional arguments, as the tuple that Python's sender has: `(2, 2)`, `(5,)`, `()`.
    public static func arguments(_ arguments: [CeleryValue], maxLength: Int = 1024) -> String {
        SafeRepr(maxLength: maxLength).run {
            $0.show(elements: arguments, open: "(", close: arguments.count == 1 ? ",)" : ")", level: 0)
        }
    }

    /// `saferepr` of keyword arguments: `{'z': 3}`.
    public static func keywords(_ keywords: CeleryMap, maxLength: Int = 1024) -> String {
        SafeRepr(maxLength: maxLength).run { $0.show(map: keywords, level: 0) }
    }

    /// Python's own `repr`: whole, with strings quoted and escaped as Python does.
    public static func full(_ value: CeleryValue) -> String {
        switch value {
        case .string(let text): PythonLiteral.string(text)
        case .bytes(let bytes): PythonLiteral.bytes(bytes)
        case .array(let elements): "[" + elements.map(full).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.map { PythonLiteral.string($0.key) + ": " + full($0.value) }.joined(separator: ", ") + "}"
        default: PythonLiteral.scalar(value)
        }
    }

    /// Python's `str`: a string is itself, anything else its `repr`.
    public static func str(_ value: CeleryValue) -> String {
        switch value {
        case .string(let text): text
        case .decimal(let digits): digits
        case .uuid(let hex): PythonUUID.hyphenated(hex)
        case .datetime(let iso): iso.replacing("T", with: " ", maxReplacements: 1)
        case .date(let iso), .time(let iso): iso
        default: full(value)
        }
    }
}
