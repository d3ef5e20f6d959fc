import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// Hides the values of arguments whose names tell that they are secrets, at any depth.
struct ArgumentRedaction: Sendable {
    private let patterns: [GlobPattern]
    static let mark = CeleryValue.string("[redacted]")

    /// - Parameter fields: Names, `*` for any characters; upper and lower case are the same.
    init(_ fields: [String]) { patterns = fields.map { GlobPattern($0.lowercased()) } }

    func redacted(_ value: CeleryValue, named name: String) -> CeleryValue {
        let lower = name.lowercased()
        return patterns.contains { $0.matches(lower) } ? Self.mark : redacted(value)
    }

    func redacted(_ value: CeleryValue) -> CeleryValue {
        switch value {
        case .array(let items): .array(items.map { redacted($0) })
        case .map(let map):
            .map(CeleryMap(uniqueKeysWithValues: map.map { ($0.key, redacted($0.value, named: $0.key)) }))
        default: value
        }
    }
}
