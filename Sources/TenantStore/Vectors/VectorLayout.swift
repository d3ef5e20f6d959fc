/// Which store keeps what: a collection lives on one store, or its points are spread over all.
package struct VectorLayout: Sendable, Hashable, Codable {
    package enum Routing: String, Sendable, Hashable, Codable, CaseIterable {
        /// `md5(name) mod n`, as existing deployments in Python compute it; the order of the stores matters.
        case md5Modulo = "md5_modulo"
        /// A store more or less moves only its share of the names.
        case consistent
    }

    package let routing: Routing
    /// Names of stores, not addresses: a store that moves to another host stays the same.
    package let stores: [String]
    /// Patterns, `*` for anything, of collections whose points are spread over all stores by their ids.
    package let spread: [String]

    /// `stores` is not empty. What makes no difference is put in one order, so that equal layouts compare equal.
    package init(routing: Routing, stores: [String], spread: [String] = []) {
        self.routing = routing
        self.stores = routing == .consistent ? Set(stores).sorted() : stores
        self.spread = Set(spread).sorted()
    }

    func spreads(_ collection: String) -> Bool { spread.contains { Self.matches(collection[...], $0[...]) } }

    /// `*` stands for any text, also none.
    private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        var name = name
        var pattern = pattern
        var back: (name: Substring, pattern: Substring)?
        while let letter = name.first {
            if pattern.first == "*" {
                back = (name, pattern)
                pattern = pattern.dropFirst()
            } else if pattern.first == letter {
                name = name.dropFirst()
                pattern = pattern.dropFirst()
            } else if let last = back {
                // Let the star take one letter more.
                name = last.name.dropFirst()
                pattern = last.pattern.dropFirst()
                back = (name, last.pattern)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == "*" }
    }
}

extension VectorLayout: CustomStringConvertible {
    package var description: String {
        let spread = spread.isEmpty ? "" : ", spread: \(spread.joined(separator: " "))"
        return "\(stores.joined(separator: ", ")) by \(routing.rawValue)\(spread)"
    }
}
