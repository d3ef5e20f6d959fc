/// Which server owns which tenants: ranges that don't overlap, looked up in O(log n).
package struct TenantMap: Sendable, Hashable {
    /// A range and the name of its server.
    package struct Entry: Sendable, Hashable {
        package let range: TenantRange
        package let server: String
    }

    /// In order of tenants.
    package let entries: [Entry]

    /// Throws `TenantMapError.overlap` for the first two ranges that share a tenant.
    package init(_ ranges: some Sequence<(server: String, range: TenantRange)>) throws(TenantMapError) {
        entries = ranges.map { Entry(range: $0.range, server: $0.server) }.sorted { $0.range < $1.range }
        for (entry, next) in zip(entries, entries.dropFirst()) where entry.range.overlaps(next.range) {
            throw .overlap(entry.range, of: entry.server, and: next.range, ofOther: next.server)
        }
    }

    /// The range that holds `tenant`, and its server; nil when none does.
    package func entry(of tenant: Int) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].range.last < tenant { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].range.contains(tenant) else { return nil }
        return entries[low]
    }

    /// The map with all of `range` on `server`: a move, as this process has learnt it.
    package func moving(_ range: TenantRange, to server: String) -> TenantMap {
        var rest: [Entry] = []
        for entry in entries {
            rest += entry.range.subtracting(range).map { Entry(range: $0, server: entry.server) }
        }
        rest.append(Entry(range: range, server: server))
        return TenantMap(disjoint: rest.sorted { $0.range < $1.range })
    }

    private init(disjoint: [Entry]) {
        entries = disjoint
    }
}
