import OrderedCollections
import Yams

/// Reads YAML with the meaning of PyYAML's `safe_load`: YAML 1.1's plain scalars, no tags of one's own.
///
/// Differences: a key that comes twice is an error; keys that are no texts become texts.
public enum YAMLDecoder {
    /// Larger texts are refused: parsing takes up to a thousand steps a byte when the nesting is deep.
    private static let maxBytes = 1 << 20
    /// How many nodes aliases may blow a text up by.
    private static let aliasAllowance = 100_000

    /// Reads the one document in `range`, or in all of `bytes`; an empty one is null.
    ///
    /// - Throws: `SerializationError` for malformed text, unknown tags, and what is larger than 1 MiB, too deep or
    ///   unfolds to too much.
    public static func parse(
        _ bytes: [UInt8],
        range: Range<Int>? = nil,
        limits: DecodingLimits = .init()
    ) throws(SerializationError) -> CeleryValue {
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        guard range.count <= min(maxBytes, limits.maxBodyBytes) else {
            throw SerializationError("YAML of \(range.count) bytes is larger than \(maxBytes) bytes; send it as JSON")
        }
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw SerializationError("invalid YAML: not UTF-8")
        }
        try YAMLAliases.check(bytes, range)
        var converter = YAMLConverter(
            maxDepth: min(limits.maxDepth, 512),
            budget: range.count + aliasAllowance
        )
        guard let root = try compose(text) else { return .null }
        return try converter.value(root, depth: 0)
    }

    private static func compose(_ text: String) throws(SerializationError) -> Node? {
        do {
            // Without rules every plain scalar stays as written; `YAMLScalar` gives it its meaning.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            throw SerializationError("invalid YAML: \(reason.prefix(300))")
        }
    }
}
