import CeleryProtocol
import OrderedCollections

/// A card of names and values: the partial `facts.html`.
struct FactGroup: Sendable {
    struct Fact: Sendable {
        var factName: String
        var factValue: String
    }

    var groupTitle: String
    var groupFacts: [Fact]

    /// How many are shown, and how long each may be.
    private static let most = 500
    private static let longest = 600

    /// Nil when there is nothing to show.
    init?(_ title: String, _ map: CeleryMap?) {
        guard let map, !map.isEmpty else { return nil }
        groupTitle = title
        groupFacts = map.prefix(Self.most).map { Fact(factName: $0.key, factValue: Self.text($0.value)) }
    }

    init(_ title: String, _ facts: [(String, String?)]) {
        groupTitle = title
        groupFacts = facts.compactMap { name, value in value.map { Fact(factName: name, factValue: $0) } }
    }

    static func text(_ value: CeleryValue) -> String {
        switch value {
        case .string(let text): text.isEmpty ? "–" : Format.short(text, longest)
        case .null: "–"
        case .bool(let flag): flag ? "yes" : "no"
        case .array(let elements) where elements.allSatisfy { $0.arrayValue == nil && $0.mapValue == nil }:
            elements.isEmpty ? "–" : Format.short(elements.prefix(100).map(text).joined(separator: ", "), longest)
        default: PythonRepr.repr(value, maxLength: longest)
        }
    }
}
