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
        case .equal(let key, let value): Self.write(key, "$eq", &output) { $0.value(value) }
        case .notEqual(let key, let value): Self.write(key, "$ne", &output) { $0.value(value) }
        case .among(let key, let values): Self.writeEach(values.map { .equal(key, $0) }, "$or", &output)
        case .notAmong(let key, let values): Self.writeEach(values.map { .notEqual(key, $0) }, "$and", &output)
        case .less(let key, let bound): Self.write(key, "$lt", &output) { $0.value(bound) }
        case .atMost(let key, let bound): Self.write(key, "$lte", &output) { $0.value(bound) }
        case .greater(let key, let bound): Self.write(key, "$gt", &output) { $0.value(bound) }
        case .atLeast(let key, let bound): Self.write(key, "$gte", &output) { $0.value(bound) }
        case .all(let filters): Self.writeEach(filters, "$and", &output)
        case .any(let filters): Self.writeEach(filters, "$or", &output)
        }
    }

    private static func write(
        _ key: String,
        _ comparison: StaticString,
        _ output: inout JSONOutput,
        _ value: (inout JSONOutput) -> Void
    ) {
        output.raw("{")
        output.value(key)
        output.raw(":{\"")
        output.raw(comparison)
        output.raw("\":")
        value(&output)
        output.raw("}}")
    }

    private static func writeEach(_ filters: [VectorFilter], _ operation: StaticString, _ output: inout JSONOutput) {
        output.raw("{\"")
        output.raw(operation)
        output.raw("\":")
        output.array(filters) { $1.writeChroma(into: &$0) }
        output.raw("}")
    }
}
