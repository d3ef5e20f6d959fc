import Connections

/// The value of a metric, over all nodes.
package struct MetricReading: Sendable, Hashable {
    /// The sum.
    package var total = 0
    /// Each node's part. Those of nodes that have ended in order are together under `retired`; all lives of a node that
    /// did not are one part.
    package var nodes: [String: Int] = [:]

    /// Reads the fields and values of a metric's hash. Sums stop at the ends of `Int`.
    ///
    /// - Throws: `StateError.wrongData`.
    init(_ value: RedisValue, key: String) throws(StateError) {
        if let error = value.firstError { throw StateError.from(error, key: key) }
        let fields = value.array ?? []
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let field = fields[index].text ?? ""
            guard let amount = fields[index + 1].text.flatMap({ Int($0) }), amount >= 0,
                let suffix = [MetricScripts.addedSuffix, MetricScripts.takenSuffix].first(where: field.hasSuffix)
            else { throw .wrongData(key: key, reason: "its field \(field.prefix(60)) is no node's count") }
            let signed = suffix == MetricScripts.addedSuffix ? amount : -amount
            let node = String(field.dropLast(suffix.count).prefix { $0 != "#" })
            nodes[node] = Self.sum(nodes[node] ?? 0, signed)
            total = Self.sum(total, signed)
        }
    }

    private static func sum(_ first: Int, _ second: Int) -> Int {
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? (second > 0 ? .max : .min) : sum
    }
}
