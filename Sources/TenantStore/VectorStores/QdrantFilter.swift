import Connections

extension VectorFilter {
    /// As Qdrant's `filter`; nil when it holds for every point.
    var qdrant: JSONOutput? {
        if case .all(let filters) = self, filters.isEmpty { return nil }
        var output = JSONOutput()
        Self.clause("must", &output) { $0.array([self]) { $1.writeQdrant(into: &$0) } }
        return output
    }

    private func writeQdrant(into output: inout JSONOutput) {
        switch self {
        case .equal(let key, let value): Self.equal(key, value, &output)
        case .notEqual(let key, let value):
            Self.clause("must_not", &output) { $0.array([value]) { Self.equal(key, $1, &$0) } }
        case .among(let key, let values):
            Self.clause("should", &output) { $0.array(values) { Self.equal(key, $1, &$0) } }
        case .notAmong(let key, let values):
            Self.clause("must_not", &output) { $0.array(values) { Self.equal(key, $1, &$0) } }
        case .less(let key, let bound): Self.range(key, ["lt"], bound, &output)
        case .atMost(let key, let bound): Self.range(key, ["lte"], bound, &output)
        case .greater(let key, let bound): Self.range(key, ["gt"], bound, &output)
        case .atLeast(let key, let bound): Self.range(key, ["gte"], bound, &output)
        case .all(let filters): Self.clause("must", &output) { $0.array(filters) { $1.writeQdrant(into: &$0) } }
        case .any(let filters): Self.clause("should", &output) { $0.array(filters) { $1.writeQdrant(into: &$0) } }
        }
    }

    private static func clause(
        _ name: StaticString,
        _ output: inout JSONOutput,
        _ conditions: (inout JSONOutput) -> Void
    ) {
        output.raw("{\"")
        output.raw(name)
        output.raw("\":")
        conditions(&output)
        output.raw("}")
    }

    /// Qdrant matches texts, whole numbers and flags; only a range compares numbers whatever their kind.
    private static func equal(_ key: String, _ value: VectorValue, _ output: inout JSONOutput) {
        switch value {
        case .int(let number): range(key, ["gte", "lte"], Double(number), &output)
        case .double(let number): range(key, ["gte", "lte"], number, &output)
        case .string, .bool:
            output.raw("{\"key\":")
            output.value(path(key))
            output.raw(",\"match\":{\"value\":")
            output.value(value)
            output.raw("}}")
        }
    }

    private static func range(
        _ key: String,
        _ comparisons: [StaticString],
        _ bound: Double,
        _ output: inout JSONOutput
    ) {
        output.raw("{\"key\":")
        output.value(path(key))
        output.raw(",\"range\":{")
        for (index, comparison) in comparisons.enumerated() {
            output.raw(index == 0 ? "\"" : ",\"")
            output.raw(comparison)
            output.raw("\":")
            output.value(bound)
        }
        output.raw("}}")
    }

    /// In quotes, so that dots and brackets of the key are no path.
    private static func path(_ key: String) -> String { "metadata.\"\(key)\"" }
}
