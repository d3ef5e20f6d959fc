import Yams

extension CeleryValue {
    /// What a node of a settings file means, by the rules that bodies in YAML are read by.
    ///
    /// - Throws: `SerializationError` for tags that mean nothing here, and for what is nested too deep or too large.
    package init(yaml node: Node) throws(SerializationError) {
        var converter = YAMLConverter(maxDepth: 50, budget: 100_000)
        self = try converter.value(node, depth: 0)
    }
}
