/// The bounds of the partition that holds a tenant: tenants from `first` to `last`, both included.
///
/// Partitions of a width begin at its multiples: width 1000 gives 0…999, 1000…1999, …; the last ends with `int`.
package struct PartitionBounds: Sendable, Hashable {
    package let first: Int
    package let last: Int

    /// `tenant` is in `TenantRange.all`; a width below 1 counts as 1.
    package init(of tenant: Int, width: Int) {
        let width = max(1, min(width, Int(Int32.max)))
        first = tenant / width * width
        last = min(first + width - 1, Int(Int32.max))
    }

    /// The partition above this one; nil after the last.
    package func next(width: Int) -> PartitionBounds? {
        last < Int(Int32.max) ? PartitionBounds(of: last + 1, width: width) : nil
    }
}
