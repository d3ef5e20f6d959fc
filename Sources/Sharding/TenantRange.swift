/// Tenants from `first` to `last`, both included: what one entry of a shard's `tenants` names.
///
/// A tenant's id is PostgreSQL's `int`, and never negative: 0 … 2147483647.
package struct TenantRange: Sendable, Hashable {
    /// Every tenant there can be.
    package static let all = TenantRange(unchecked: 0, Int(Int32.max))

    package let first: Int
    package let last: Int

    /// Throws `TenantMapError` when a bound is out of range or `first` is above `last`.
    package init(_ first: Int, _ last: Int) throws(TenantMapError) {
        for bound in [first, last] where !(0...Int(Int32.max)).contains(bound) {
            throw .outOfRange(tenant: bound)
        }
        guard first <= last else { throw .backwards(first: first, last: last) }
        self.init(unchecked: first, last)
    }

    init(unchecked first: Int, _ last: Int) {
        self.first = first
        self.last = last
    }

    package var count: Int { last - first + 1 }

    package func contains(_ tenant: Int) -> Bool { tenant >= first && tenant <= last }

    package func overlaps(_ other: TenantRange) -> Bool { first <= other.last && other.first <= last }

    /// What both have; nil when they don't touch.
    package func intersection(_ other: TenantRange) -> TenantRange? {
        overlaps(other) ? TenantRange(unchecked: max(first, other.first), min(last, other.last)) : nil
    }

    /// What is left without `other`: none, one or two ranges, in order.
    package func subtracting(_ other: TenantRange) -> [TenantRange] {
        guard let common = intersection(other) else { return [self] }
        var rest: [TenantRange] = []
        if first < common.first { rest.append(TenantRange(unchecked: first, common.first - 1)) }
        if common.last < last { rest.append(TenantRange(unchecked: common.last + 1, last)) }
        return rest
    }
}

extension TenantRange: Comparable {
    package static func < (a: TenantRange, b: TenantRange) -> Bool {
        (a.first, a.last) < (b.first, b.last)
    }
}

extension TenantRange: CustomStringConvertible {
    package var description: String { first == last ? "\(first)" : "\(first)..\(last)" }
}

extension TenantRange {
    /// For bounds that a server stored: they are in order and in range already.
    package init(clamping first: Int, _ last: Int) {
        let first = min(max(first, 0), Int(Int32.max))
        self.init(unchecked: first, min(max(last, first), Int(Int32.max)))
    }
}
