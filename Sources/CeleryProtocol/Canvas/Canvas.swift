public import OrderedCollections

/// Says what applying a signature of any kind means: `apply_async` of Celery's canvas (`celery/canvas.py` of 5.7).
///
/// It has no effects of its own; the plan that it makes is to be carried out.
public struct Canvas {
    private let parentID: String?
    private let rootID: String?
    private let makeID: () -> String
    /// The oid that results over `rpc://` go to, for those signatures that name none.
    public var replyTo: String?

    /// - Parameters:
    ///   - parentID: the running task, parent of what names none; nil outside a task.
    ///   - rootID: the root of the running task; its own id when nil.
    ///   - makeID: makes the id of each task and group that has none.
    public init(parentID: String? = nil, rootID: String? = nil, makeID: @escaping () -> String) {
        self.parentID = parentID
        self.rootID = rootID
        self.makeID = makeID
    }

    /// Applies a signature.
    ///
    /// - Parameters:
    ///   - args: go before its own positional arguments, unless it is immutable.
    ///   - kwargs: are added to its keyword arguments, unless it is immutable.
    ///   - options: replace its own, but for its group and its stamps.
    /// - Throws: a `CanvasError` with the exception that Celery raises.
    public mutating func apply(
        _ signature: Signature,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:],
        options: CeleryMap = [:]
    ) throws(CanvasError) -> CanvasPlan {
        try apply(try CanvasNode(signature), args: args, kwargs: kwargs, options: CanvasOptions(options), planner)
    }

    var planner: CanvasPlanner {
        CanvasPlanner(parentID: parentID, rootID: rootID, replyTo: replyTo, makeID: makeID)
    }

    func apply(
        _ node: CanvasNode,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:],
        options: CanvasOptions = [:],
        _ planner: CanvasPlanner
    ) throws(CanvasError) -> CanvasPlan {
        let applied = try planner.apply(node, args: args, kwargs: kwargs, options: options)
        let result = applied ?? FrozenResult(id: makeID(), members: [])
        return CanvasPlan(
            steps: planner.steps,
            result: result.tuple,
            children: planner.children.map(\.tuple)
        )
    }
}
