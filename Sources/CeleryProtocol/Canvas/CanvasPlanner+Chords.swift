import OrderedCollections

/// Applies chords (`_chord.apply_async` and `run`).
extension CanvasPlanner {
    func applyChord(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ overrides: CanvasOptions
    ) throws(CanvasError) -> FrozenResult {
        guard let ownBody = node.contents.body else { throw .chordWithoutBody }
        var overrides = overrides
        let givenID = overrides.text("task_id")
        for name in Self.parameters { overrides.removeValue(forKey: name) }
        let delay = overrides.take(["countdown", "eta"]).filter { !$0.value.isNull }
        let callbacks = overrides.take(["link", "link_error"])
        let body = ownBody.clone(options: overrides.filter { $0.key != "parent_id" })
        let header: CanvasNode
        if let group = node.contents.header {
            header = group.clone()
        } else {
            let id = node.id ?? makeID()
            header = .group(CanvasNode.Members(node.members), options: ["task_id": .option(id)])
        }
        var options = node.options.updated(overrides).updated(callbacks)
        let id = givenID ?? options.text("task_id")
        for name in ["countdown", "eta", "task_id"] { options.removeValue(forKey: name) }
        var inner = node.contents.kwargs["kwargs"]?.mapValue ?? [:]
        inner.merge(kwargs) { $1 }
        return try runChord(
            node,
            header,
            body,
            args: node.isImmutable ? node.args : args.isEmpty ? node.args : args + node.args,
            kwargs: inner,
            id: id,
            delay: delay,
            options: options
        )
    }

    /// What `apply_async` and `run` of a chord take for themselves.
    private static let parameters = ["task_id", "router", "interval", "max_retries", "eager"]

    private func runChord(
        _ node: CanvasNode,
        _ header: CanvasNode,
        _ body: CanvasNode,
        args: [CeleryValue],
        kwargs: CeleryMap,
        id: String?,
        delay: CanvasOptions,
        options given: CanvasOptions
    ) throws(CanvasError) -> FrozenResult {
        var body = body
        let groupID = header.id ?? makeID()
        let rootID = body.options.text("root_id")
        var options = node.options.updated(given)
        var delay = delay
        for (name, value) in options.take(["countdown", "eta"]) where !value.isNull && delay[name] == nil {
            delay[name] = value
        }
        if !options.isEmpty {
            options.removeValue(forKey: "task_id")
            body = try body.withCallbacks(&options)
            body.options.merge(options.filter { $0.key != "parent_id" }) { $1 }
        }
        if body.kind == .chain { try body.unrollChords() }
        let bodyPlace = CanvasPlace(id: id ?? makeID(), groupID: groupID, rootID: rootID)
        let result = try body.freeze(bodyPlace, self)
        body.stripHeaderLinks()
        for name in ["chain", "chord", "task_id"] { options.removeValue(forKey: name) }
        header.id = groupID
        let headerPlace = CanvasPlace(groupID: groupID, chord: .node(body), rootID: rootID)
        var headerResult = try header.freezeGroup(headerPlace, self)
        if header.members.isEmpty {
            try apply(body, args: [[]])
        } else {
            // Saved as it is now: what comes before the parts is of no use to the body.
            if headerResult.members?.contains(where: { $0.members != nil }) ?? false {
                steps.append(.saveGroup(headerResult.tuple))
            }
            options["task_id"] = .option(groupID)
            headerResult =
                try apply(header, args: args, kwargs: kwargs, options: options.updated(delay)) ?? headerResult
        }
        result.parent = headerResult
        return result
    }
}

extension OrderedDictionary where Key == String, Value == CanvasOption {
    /// Removes some options and answers them.
    mutating func take(_ names: [String]) -> CanvasOptions {
        var taken: CanvasOptions = [:]
        for name in names {
            if let value = removeValue(forKey: name) { taken[name] = value }
        }
        return taken
    }
}
