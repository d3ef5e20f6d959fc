import OrderedCollections

extension Canvas {
    /// What a task that replaces itself causes: the signature, with the task's id, links, chord, group and the rest of
    /// its chain (`Task.replace` of `celery/app/task.py`).
    ///
    /// - Throws: ImproperlyConfigured for a signature that is part of a chord, and for a chain without tasks.
    public mutating func replacement(
        of task: ReplacedTask,
        with signature: Signature
    ) throws(CanvasError) -> CanvasPlan {
        guard signature.options["chord"] == nil else {
            throw .improperlyConfigured("A signature replacing a task must not be part of a chord")
        }
        var node = try CanvasNode(signature)
        guard !node.isEmptyChain else { throw .improperlyConfigured("Cannot replace with an empty chain") }
        node = try Self.endingInOneTask(node)
        try Self.link(node, to: task.embed)
        let planner = planner
        try node.freeze(CanvasPlace(id: task.id), planner)
        let nesting = CanvasOption.value(.int(task.nesting + 1))
        node.options["chord"] = task.embed.chord.map { .value($0.celeryValue) } ?? .null
        node.options["group_id"] = .option(task.group)
        node.options["group_index"] = task.groupIndex.map { .value(.int($0)) } ?? .null
        node.options["root_id"] = .option(task.rootID)
        node.options["replaced_task_nesting"] = nesting
        if node.kind == .chain {
            for member in node.members { member.options["replaced_task_nesting"] = nesting }
        }
        return try apply(try Self.followed(node, by: task.embed.chain, nesting), planner)
    }

    /// A group at the end becomes a chord whose body has the list of its results for a result, so that what follows can
    /// be linked to that.
    private static func endingInOneTask(_ node: CanvasNode) throws(CanvasError) -> CanvasNode {
        let accumulate = CanvasNode(
            .task,
            task: "celery.accumulate",
            contents: CanvasNode.Contents(["index": 0]),
            options: [:],
            subtaskType: nil
        )
        if node.kind == .group { return try node.chained(with: accumulate) }
        if node.kind == .chain, let last = node.members.last, last.kind == .group {
            node.members[node.members.count - 1] = try last.chained(with: accumulate)
        }
        return node
    }

    private static func link(_ node: CanvasNode, to embed: Embed) throws(CanvasError) {
        for callback in embed.callbacks { try node.link(.value(callback.celeryValue)) }
        for errback in embed.errbacks { try node.linkError(.value(errback.celeryValue)) }
        // Of a chain they belong to the last task, now that more may follow it.
        if node.kind == .chain, let links = node.options.removeValue(forKey: "link") {
            node.members.last?.extend("link", with: links)
        }
    }

    /// The rest of the replaced task's chain, which keeps its ids.
    private static func followed(
        _ node: CanvasNode,
        by rest: [Signature],
        _ nesting: CanvasOption
    ) throws(CanvasError) -> CanvasNode {
        var node = node
        for signature in rest.reversed() {
            let next = try CanvasNode(signature)
            next.options["replaced_task_nesting"] = nesting
            node = try node.chained(with: next)
        }
        return node
    }
}
