public import OrderedCollections

extension Signature {
    /// The signature with partial arguments and options, as applying it merges them (`celery/canvas.py` `_merge`).
    ///
    /// Positional arguments go before its own, keyword arguments and options override its own. Null options are dropped
    /// first. `group_id`, `stamped_headers` and the stamps that it has already never change; if the signature is
    /// immutable, neither do its arguments, unless `force` is set.
    public func merging(
        args partial: [CeleryValue] = [],
        kwargs updates: CeleryMap = [:],
        options overrides: CeleryMap = [:],
        force: Bool = false
    ) -> Signature {
        var merged = self
        let fixed = fixedOptions
        for (name, value) in overrides where value != .null {
            guard !fixed.contains(name) || options[name] == nil else { continue }
            merged.options[name] = value
        }
        guard !isImmutable || force else { return merged }
        merged.args = partial + args
        merged.kwargs.merge(updates) { $1 }
        return merged
    }

    private var fixedOptions: Set<String> {
        var names: Set<String> = ["group_id", "stamped_headers"]
        if case .array(let stamps) = options["stamped_headers"] {
            names.formUnion(stamps.compactMap { TaskHeaders.text($0) })
        }
        return names
    }
}
