import Connections

/// One comparison of Chroma's `where`.
///
/// Chroma (1.5.9) compares whole numbers with a bound that it cuts to a whole number: 1 counts as equal to 1.5, and -1
/// as at most -1.5. A second comparison sets that right: the cut number itself is the only value that can be on the
/// wrong side.
struct ChromaCondition {
    let key: String
    let comparison: String
    let value: VectorValue

    init(_ key: String, _ comparison: String, _ value: VectorValue) {
        self.key = key
        self.comparison = comparison
        self.value = value
    }

    func write(into output: inout JSONOutput) {
        guard case .double(let number) = value, number != number.rounded(.towardZero) else {
            return writePlain(into: &output)
        }
        let isCutDown = number > 0
        let cut = VectorValue.int(Int(number))
        switch comparison {
        case "$eq": write(with: ChromaCondition(key, "$ne", cut), "$and", &output)
        case "$ne": write(with: ChromaCondition(key, "$eq", cut), "$or", &output)
        case "$lt" where isCutDown, "$gt" where !isCutDown:
            write(with: ChromaCondition(key, "$eq", cut), "$or", &output)
        case "$gte" where isCutDown, "$lte" where !isCutDown:
            write(with: ChromaCondition(key, "$ne", cut), "$and", &output)
        default: writePlain(into: &output)
        }
    }

    private func write(with second: ChromaCondition, _ operation: String, _ output: inout JSONOutput) {
        output.chroma(operation, [self, second]) { $1.writePlain(into: &$0) }
    }

    private func writePlain(into output: inout JSONOutput) {
        output.raw("{")
        output.value(key)
        output.raw(":{")
        output.value(comparison)
        output.raw(":")
        output.value(value)
        output.raw("}}")
    }
}

extension JSONOutput {
    /// `{"$and": [ … ]}`.
    mutating func chroma<Item>(_ operation: String, _ items: [Item], _ write: (inout JSONOutput, Item) -> Void) {
        raw("{")
        value(operation)
        raw(":")
        array(items, write)
        raw("}")
    }
}
