public import OrderedCollections

/// Signatures of several tasks, and how they combine.
extension Signature {
    /// Tasks that run at the same time.
    public static func group(_ tasks: [Signature], options: CeleryMap = [:]) -> Signature {
        Signature(
            "celery.group",
            kwargs: ["tasks": .array(tasks.map(\.celeryValue))],
            options: options,
            subtaskType: "group"
        )
    }

    /// Tasks that run one after the other, each with the result of the one before it as its first argument. A group
    /// with a task after it becomes a chord. Celery's `chain(…)`.
    ///
    /// - Throws: `CanvasError` for a container that cannot be read.
    public static func chain(_ tasks: [Signature], options: CeleryMap = [:]) throws(CanvasError) -> Signature {
        guard options.isEmpty else { return plainChain(tasks, options: options) }
        var nodes: [CanvasNode] = []
        for task in tasks { nodes.append(try CanvasNode(task)) }
        return try CanvasNode.folded(nodes).signature
    }

    /// A chain whose tasks are combined only when it is applied, as `chain(…, option=…)` makes it.
    static func plainChain(_ tasks: [Signature], options: CeleryMap = [:]) -> Signature {
        Signature(
            "celery.chain",
            kwargs: ["tasks": .array(tasks.map(\.celeryValue))],
            options: options,
            subtaskType: "chain"
        )
    }

    /// A group of tasks, and one that is called with the list of their results when all have ended.
    public static func chord(_ header: [Signature], body: Signature, options: CeleryMap = [:]) -> Signature {
        Signature(
            "celery.chord",
            kwargs: [
                "kwargs": [:], "header": .array(header.map(\.celeryValue)), "body": body.celeryValue,
            ],
            options: options,
            subtaskType: "chord"
        )
    }

    /// `self | next`.
    ///
    /// - Throws: `CanvasError` for a container that cannot be read.
    public func chained(with next: Signature) throws(CanvasError) -> Signature {
        try CanvasNode(self).chained(with: try CanvasNode(next)).signature
    }

    /// With a task that is called with this one's result; of a group with its first task, of a chord with its body.
    public func linked(to callback: Signature) throws(CanvasError) -> Signature {
        let node = try CanvasNode(self)
        try node.link(.node(try CanvasNode(callback)))
        return node.signature
    }

    /// With a task that is called when this one fails; of a group when any fails, of a chord when its body cannot run.
    public func linkedOnError(to errback: Signature) throws(CanvasError) -> Signature {
        let node = try CanvasNode(self)
        try node.linkError(.node(try CanvasNode(errback)))
        return node.signature
    }
}
