import Connections

extension VectorFilter {
    /// As Chroma's `where`; nil when it holds for every point.
    var chroma: JSONOutput? {
        if case .all(let filters) = self, filters.isEmpty { return nil }
        var output = JSONOutput()
        writeChroma(into: &output)
        return output
    }

    private func writeChroma(into output: inout JSONOutput) {
        switch self {
        case .equal(let key, let value): ChromaCondition(key, "$eq", value).write(into: &output)
        case .notEqual(let key, let value): ChromaCondition(key, "$ne", value).write(into: &output)
        case .among(let key, let values): Self.write(values.map { .equal(key, $0) }, "$or", &output)
        case .notAmong(let key, let values): Self.write(values.map { .notEqual(key, $0) }, "$and", &output)
        case .less(let key, let bound): ChromaCondition(key, "$lt", .double(bound)).write(into: &output)
        case .atMost(let key, let bound): ChromaCondition(key, "$lte", .double(bound)).write(into: &output)
        case .greater(let key, let bound): ChromaCondition(key, "$gt", .double(bound)).write(into: &output)
        case .atLeast(let key, let bound): ChromaCondition(key, "$gte", .double(bound)).write(into: &output)
        case .all(let filters): Self.write(filters, "$and", &output)
        case .any(let filters): Self.write(filters, "$or", &output)
        }
    }

    private static func write(_ filters: [VectorFilter], _ operation: String, _ output: inout JSONOutput) {
        output.chroma(operation, filters) { $1.writeChroma(into: &$0) }
    }
}
