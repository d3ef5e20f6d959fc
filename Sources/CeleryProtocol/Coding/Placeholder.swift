import Foundation
import OrderedCollections

/// Some value of a type, for a parameter whose argument is missing, so that the parameters after it become known.
///
/// It is used on the way to an error only; the value that is made from it is thrown away. Where there is none, as for
/// an enumeration that is not `CaseIterable`, the parameters after it stay unknown and are not named.
enum Placeholder {
    /// No value can be made up for the type.
    struct Impossible: Error {}

    /// Types that contain one another are followed so far.
    private static let maxDepth = 16

    static func make<T: Decodable>(_ type: T.Type, depth: Int = 0) throws -> T {
        guard depth < maxDepth else { throw Impossible() }
        for value in samples {
            if let value = value as? T { return value }
        }
        if let cases = type as? any CaseIterable.Type, let first = first(of: cases) as? T { return first }
        for value in [CeleryValue.int(0), .string(""), .array([]), .map([:]), .null] {
            if let made = try? ValueDecoder.decode(type, value, .root) { return made }
        }
        return try T(from: PlaceholderDecoder(depth: depth + 1))
    }

    private static let samples: [any Sendable] = [
        0, "", 0.0, false, Date(timeIntervalSince1970: 0), Data(),
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), Decimal(0),
        URL(filePath: "/"), CeleryValue.null, CeleryMap(), [UInt8](),
    ]

    private static func first<C: CaseIterable>(of type: C.Type) -> Any? { type.allCases.first }
}
