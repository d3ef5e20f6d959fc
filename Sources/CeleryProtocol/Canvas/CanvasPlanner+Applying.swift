import OrderedCollections

/// Applies signatures (`apply_async` of each kind).
extension CanvasPlanner {
    /// - Returns: The result; nil for a chain without tasks.
    @discardableResult
    func apply(
        _ node: CanvasNode,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:],
        options: CanvasOptions = [:]
    ) throws(CanvasError) -> FrozenResult? {
        switch node.kind {
        case .task: return applyTask(node, args, kwargs, options)
        case .map: return applyMap(node, options)
        case .chunks: return try applyChunks(node, args, kwargs, options)
        case .group: return try applyGroup(node, args, kwargs, options)
        case .chain: return try applyChain(node, args, kwargs, options)
        case .chord: return try applyChord(node, args, kwargs, options)
        }
    }

    private func applyTask(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ options: CanvasOptions
    ) -> FrozenResult {
        var options = options.filter { !$0.value.isNull }
        options.removeValue(forKey: "route_name")
        let merged = node.merged(args: args, kwargs: kwargs, options: options)
        return publish(node, merged.args, merged.kwargs, merged.options)
    }

    /// `xmap` and `xstarmap`: never partial; the inner task decides where it goes.
    private func applyMap(_ node: CanvasNode, _ options: CanvasOptions) -> FrozenResult {
        var options = node.merged(args: [], kwargs: [:], options: options.filter { !$0.value.isNull }).options
        if options.text("route_name") == nil { options["route_name"] = node.routeName }
        return publish(node, [], node.contents.kwargs, options)
    }

    private func applyChunks(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ options: CanvasOptions
    ) throws(CanvasError) -> FrozenResult? {
        guard let items = node.contents.kwargs["it"]?.arrayValue, let task = node.contents.kwargs["task"],
            let size = TaskHeaders.integer(node.contents.kwargs["n"]), size > 0
        else { throw .malformed("chunks need a list of arguments and a size of at least 1") }
        let parts = stride(from: 0, to: items.count, by: size).map { start in
            let part = CeleryValue.array(Array(items[start..<min(start + size, items.count)]))
            return CanvasNode(
                .map,
                task: "celery.starmap",
                contents: CanvasNode.Contents(["task": task, "it": part]),
                options: [:],
                subtaskType: nil,
                isImmutable: true
            )
        }
        var options = options
        options["route_name"] = node.routeName
        return try applyGroup(.group(CanvasNode.Members(parts)), args, kwargs, options)
    }

    // MARK: Chains

    /// `_chain.run`; the first task takes the others with it.
    private func applyChain(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ options: CanvasOptions
    ) throws(CanvasError) -> FrozenResult? {
        var options = node.options.updated(options)
        let link = options.removeValue(forKey: "link") ?? .null
        let errbacks = options.removeValue(forKey: "link_error")?.elements ?? []
        let place = CanvasPlace(
            id: options.text("task_id"),
            groupID: options.text("group_id"),
            chord: options["chord"],
            rootID: options.text("root_id"),
            groupIndex: options["group_index"]
        )
        for name in ["task_id", "group_id", "chord", "root_id", "parent_id", "group_index", "use_link"] {
            options.removeValue(forKey: name)
        }
        let steps = try ChainSteps.prepare(
            node,
            args: node.isImmutable ? node.args : args + node.args,
            kwargs: kwargs,
            errbacks: errbacks,
            place: place,
            isExecution: true,
            planner: self
        )
        var rest = steps.tasks
        guard !rest.isEmpty else { return nil }
        if !link.isEmpty { rest[0].extend("link", with: link) }
        let first = rest.removeLast()
        if node.usesLinks {
            options["chain"] = .null
        } else {
            options["chain"] = .list((options["chain"]?.elements ?? []) + rest.map { .node($0) })
        }
        let result = try apply(first, options: options)
        return rest.isEmpty ? result : steps.results[0]
    }

    // MARK: Groups

    private func applyGroup(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ given: CanvasOptions
    ) throws(CanvasError) -> FrozenResult {
        for name in ["link", "link_error"] {
            guard given[name]?.isNull ?? true else { throw .type("Cannot add \(name) to group: use a chord") }
        }
        guard !node.members.isEmpty else { return try node.freezeGroup(CanvasPlace(), self) }
        var overrides = given
        for name in ["link", "link_error", "add_to_parent"] { overrides.removeValue(forKey: name) }
        var options = node.options
        for (name, value) in overrides {
            guard !["group_id", "stamped_headers"].contains(name) || options[name] == nil else { continue }
            options[name] = value
        }
        let groupID = options.text("task_id") ?? makeID()
        options.removeValue(forKey: "task_id")
        options["group_id"] = .option(groupID)
        let members = try prepared(node, groupID, options.text("root_id"))
        try applyMembers(members, groupID, args, kwargs, options)
        var result = FrozenResult(id: groupID, members: members.map(\.result))
        // A group of one whose only task is a chain that ends in a group is that group.
        if members.count == 1, members[0].result.members != nil { result = members[0].result }
        adopt(result, given)
        return result
    }

    /// The group's tasks with their ids, groups within it unrolled (`_prepared`); each group counts its own from 0.
    private func prepared(
        _ group: CanvasNode,
        _ groupID: String,
        _ rootID: String?
    ) throws(CanvasError) -> [(node: CanvasNode, result: FrozenResult)] {
        var prepared: [(node: CanvasNode, result: FrozenResult)] = []
        for (index, member) in group.members.enumerated() {
            let node = member.clone()
            if node.kind == .group {
                prepared += try self.prepared(node, groupID, rootID)
            } else if !node.isEmptyChain {
                let place = CanvasPlace(groupID: groupID, rootID: rootID, groupIndex: .value(.int(index)))
                prepared.append((node, try node.freeze(place, self)))
            }
        }
        return prepared
    }

    /// `_apply_tasks`; the size of a chord is known before its last part is sent.
    private func applyMembers(
        _ members: [(node: CanvasNode, result: FrozenResult)],
        _ groupID: String,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ options: CanvasOptions
    ) throws(CanvasError) {
        var options = options
        options.removeValue(forKey: "group_index")
        // Written down once: every part of the header carries it.
        let chord = options["chord"].flatMap { $0.isNull ? nil : CanvasOption.value($0.celeryValue) }
        options["add_to_parent"] = .value(false)
        let size = members.reduce(0) { $0 + $1.node.chordParts }
        for (index, member) in members.enumerated() {
            let body = chord ?? member.node.options["chord"] ?? .null
            if index == members.count - 1, !body.isNull { steps.append(.chordSize(group: groupID, size: size)) }
            options["chord"] = body
            try apply(member.node, args: args, kwargs: kwargs, options: options)
        }
    }
}
