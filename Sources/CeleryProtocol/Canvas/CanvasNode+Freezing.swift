import OrderedCollections

/// Where a signature stands among others, as it is told when it gets its id.
struct CanvasPlace {
    /// Its id, unless it has one.
    var id: String?
    var groupID: String?
    /// The body of the chord that it is in the header of.
    var chord: CanvasOption?
    var rootID: String?
    var parentID: String?
    var groupIndex: CanvasOption?
}

/// Gives signatures their ids (`freeze`).
extension CanvasNode {
    /// - Returns: The result that it will have.
    @discardableResult
    func freeze(_ place: CanvasPlace, _ planner: CanvasPlanner) throws(CanvasError) -> FrozenResult {
        switch kind {
        case .task, .map, .chunks: return freezeTask(place, planner)
        case .group: return try freezeGroup(place, planner)
        case .chord: return try freezeChord(place, planner)
        case .chain:
            let steps = try ChainSteps.prepare(
                self,
                args: args,
                place: place,
                isExecution: false,
                planner: planner
            )
            guard let last = steps.results.first else { throw .malformed("a chain without tasks has no result") }
            return last
        }
    }

    private func freezeTask(_ place: CanvasPlace, _ planner: CanvasPlanner) -> FrozenResult {
        let taskID = id ?? place.id ?? planner.makeID()
        id = taskID
        if let rootID = place.rootID { options["root_id"] = .option(rootID) }
        if let parentID = place.parentID { options["parent_id"] = .option(parentID) }
        if let replyTo = planner.replyTo, options["reply_to"] == nil { options["reply_to"] = .option(replyTo) }
        if let groupID = place.groupID, options["group_id"] == nil { options["group_id"] = .option(groupID) }
        if let chord = place.chord, !chord.isEmpty { options["chord"] = chord }
        if let index = place.groupIndex, !index.isNull { options["group_index"] = index }
        return FrozenResult(id: taskID)
    }

    /// `_freeze_group_tasks`; the group's id is its own or a new one, never that of `place`.
    func freezeGroup(_ place: CanvasPlace, _ planner: CanvasPlanner) throws(CanvasError) -> FrozenResult {
        let groupID = id ?? planner.makeID()
        id = groupID
        if let groupID = place.groupID { options["group_id"] = .option(groupID) }
        if let chord = place.chord, !chord.isEmpty { options["chord"] = chord }
        if let index = place.groupIndex, !index.isNull { options["group_index"] = index }
        if options["root_id"] == nil { options["root_id"] = .option(place.rootID) }
        if options["parent_id"] == nil { options["parent_id"] = .option(place.parentID) }
        var inner = place
        inner.id = nil
        inner.rootID = options.text("root_id")
        inner.parentID = options.text("parent_id")
        return FrozenResult(id: groupID, members: try freezeMembers(inner, planner))
    }

    /// `_freeze_unroll`: groups within the group are flattened; their members are taken in reverse, as Celery does.
    private func freezeMembers(_ place: CanvasPlace, _ planner: CanvasPlanner) throws(CanvasError) -> [FrozenResult] {
        var stack = Array(members.reversed())
        var frozen: [CanvasNode] = []
        var results: [FrozenResult] = []
        while let next = stack.popLast() {
            let node = next.clone()
            if node.kind == .group {
                stack += node.members
            } else if !node.isEmptyChain {
                var place = place
                place.groupIndex = .value(.int(frozen.count))
                frozen.append(node)
                results.append(try node.freeze(place, planner))
            }
        }
        members = frozen
        return results
    }

    private func freezeChord(_ place: CanvasPlace, _ planner: CanvasPlanner) throws(CanvasError) -> FrozenResult {
        let header = contents.header ?? .group(contents.members)
        contents.header = header
        let headerPlace = CanvasPlace(
            chord: contents.body.map { .node($0) },
            rootID: place.rootID,
            parentID: place.parentID
        )
        let headerResult = try header.freezeGroup(headerPlace, planner)
        id = header.id
        guard let body = contents.body else { throw .chordWithoutBody }
        var bodyPlace = place
        bodyPlace.parentID = nil
        let result = try body.freeze(bodyPlace, planner)
        // The body may be a chain; what comes before its first task is the header.
        var seen: Set<String> = []
        var node = result
        while true {
            guard seen.insert(node.id).inserted else { throw .runtime("Recursive result parents") }
            guard let parent = node.parent else { break }
            node = parent
        }
        node.parent = headerResult
        return result
    }
}

extension CanvasOption {
    /// Of Python's `str | None`.
    static func option(_ text: String?) -> CanvasOption { text.map { .value(.string($0)) } ?? .null }
}
