/// Makes what a message or a result carries from Swift values, and its JSON text as kombu writes it.
///
/// `Date` becomes a `datetime` in UTC, `Data` and `[UInt8]` become `bytes`, `UUID` and `Decimal` themselves, `URL` its
/// text, and `nil` null; everything else encodes itself. A value that encodes nothing is an empty object.
///
/// Errors are ``CeleryCodingError``, or whatever the type's own `encode(to:)` throws.
public struct CeleryEncoder: Sendable {
    /// How many arrays and objects may stand inside one another. A client's decoder has a limit too.
    static let maxDepth = 256

    public init() {}

    public func encode(_ value: some Encodable) throws -> CeleryValue {
        do {
            return try TreeEncoder.encode(value, .root, depth: 0).value
        } catch {
            throw CeleryCodingError(error) ?? error
        }
    }

    /// The JSON text of a value.
    public func json(_ value: some Encodable) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try write(value, into: &bytes)
        return bytes
    }

    /// Appends the JSON text of a value. On an error, `bytes` is as before.
    public func write<T: Encodable>(_ value: T, into bytes: inout [UInt8]) throws {
        if try JSONBasics.append(value, to: &bytes) { return }
        if JSONStream.append(value, to: &bytes) { return }
        JSONWriter.write(try encode(value), into: &bytes)
    }
}
