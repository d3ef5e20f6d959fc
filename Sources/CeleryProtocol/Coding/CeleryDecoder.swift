/// Makes Swift values from what a message or a result carries.
///
/// The rules are those of Python's types, and of the declared type where Python would not look:
/// * `Bool` from `bool` only, `String` from `str` only.
/// * Integers from `int` in their range, and from a `float` that is whole and within 2⁵³ (`10 / 2` is `5.0` in Python);
///   any other `float` is an error, never rounded.
/// * `Double` and `Float` from `float` or `int`. `Decimal` from `Decimal`, `int` or `float`.
/// * `Date` from `datetime`, `date` (its midnight) or ISO 8601 text; without a zone it is UTC.
/// * `UUID` from `UUID` or its text, `URL` from text, `Data` from `bytes`, `[UInt8]` from `bytes` or a list of `int`.
/// * `nil` from `None` or a missing key; unknown keys are ignored.
///
/// Errors are ``CeleryCodingError`` (and ``JSONError`` for JSON), or whatever the type's own `init(from:)` throws.
public struct CeleryDecoder: Sendable {
    public var limits: DecodingLimits

    public init(limits: DecodingLimits = .init()) {
        self.limits = limits
    }

    public func decode<T: Decodable>(_ type: T.Type = T.self, from value: CeleryValue) throws -> T {
        do {
            return try ValueDecoder.decode(type, value, .root)
        } catch {
            throw CeleryCodingError(error) ?? error
        }
    }

    /// Decodes JSON text, as a whole or in `range`; the result is that of parsing it first.
    public func decode<T: Decodable>(
        _ type: T.Type = T.self,
        json bytes: [UInt8],
        range: Range<Int>? = nil
    ) throws -> T {
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        if let value = fast(type, bytes, range) { return value }
        return try decode(type, from: try JSONParser.parse(bytes, range: range, limits: limits))
    }

    /// The value, when the fast path can decode it.
    func fast<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], _ range: Range<Int>) -> T? {
        guard range.count <= limits.maxBodyBytes else { return nil }
        let source = JSONSource(bytes, limits: limits)
        var scanner = source.scanner(range)
        do {
            scanner.skipSpace()
            let start = scanner.position
            try scanner.skipValue(depth: 0)
            let value = start..<scanner.position
            try scanner.expectEnd()
            guard !scanner.metEnvelope else { return nil }
            let result = try source.decode(type, value)
            return source.missed ? nil : result
        } catch {
            return nil
        }
    }
}
