import Connections

/// What the metadata of a match must fulfil; common to all stores.
///
/// Numbers compare by value: 1 and 1.0 are equal. `notEqual` and `notIn` also hold for points that lack the key.
package indirect enum VectorFilter: Sendable, Hashable {
    case equal(String, VectorValue)
    case notEqual(String, VectorValue)
    case among(String, [VectorValue])
    case notAmong(String, [VectorValue])
    case less(String, Double)
    case atMost(String, Double)
    case greater(String, Double)
    case atLeast(String, Double)
    /// All of them; the empty list holds for every point.
    case all([VectorFilter])
    /// At least one of them.
    case any([VectorFilter])
}

extension VectorFilter {
    /// Throws when no store could carry it out: an empty list, a key that is not allowed, a number that is not finite,
    /// more than 256 conditions or 16 levels.
    func validate() throws(VectorError) {
        var conditions = 0
        try validate(depth: 1, conditions: &conditions)
    }

    private func validate(depth: Int, conditions: inout Int) throws(VectorError) {
        conditions += 1
        guard depth <= 16, conditions <= 256 else {
            throw VectorError(.badFilter, "a filter has at most 256 conditions and 16 levels")
        }
        switch self {
        case .equal(let key, let value), .notEqual(let key, let value):
            try VectorRules.check(key: key, value: value)
        case .among(let key, let values), .notAmong(let key, let values):
            guard !values.isEmpty, values.count <= 256 else {
                throw VectorError(.badFilter, "the list of values for \"\(key)\" must have 1 to 256 elements")
            }
            for value in values { try VectorRules.check(key: key, value: value) }
        case .less(let key, let bound), .atMost(let key, let bound), .greater(let key, let bound),
            .atLeast(let key, let bound):
            try VectorRules.check(key: key, value: .double(bound))
        case .all(let filters):
            for filter in filters { try filter.validate(depth: depth + 1, conditions: &conditions) }
        case .any(let filters):
            guard !filters.isEmpty else { throw VectorError(.badFilter, "\"any\" needs at least one condition") }
            for filter in filters { try filter.validate(depth: depth + 1, conditions: &conditions) }
        }
    }
}
