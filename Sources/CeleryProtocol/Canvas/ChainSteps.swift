import OrderedCollections

/// The tasks of a chain, ready to be sent, the last one first (`_chain.prepare_steps`).
struct ChainSteps {
    var tasks: [CanvasNode] = []
    var results: [FrozenResult] = []

    private let chain: CanvasNode
    private let args: [CeleryValue]
    private let kwargs: CeleryMap
    private let errbacks: [CanvasOption]
    private let place: CanvasPlace
    /// Whether the tasks are copied to be sent; otherwise they get their ids in place.
    private let isExecution: Bool
    private let planner: CanvasPlanner
    private var steps: [CanvasNode] = []
    private var frozenCount = 0
    /// The one after the task that is looked at. A group without tasks is none: in Python it is false.
    private var previousTask: CanvasNode?
    private var previousResult: FrozenResult?

    private init(
        _ chain: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ errbacks: [CanvasOption],
        _ place: CanvasPlace,
        _ isExecution: Bool,
        _ planner: CanvasPlanner
    ) {
        self.chain = chain
        self.args = args
        self.kwargs = kwargs
        self.errbacks = errbacks
        self.place = place
        self.isExecution = isExecution
        self.planner = planner
    }

    /// - Parameters:
    ///   - args: go before those of the first task.
    ///   - errbacks: linked to every task.
    ///   - place: that of the chain; its last task stands there, and gets the id.
    static func prepare(
        _ chain: CanvasNode,
        args: [CeleryValue],
        kwargs: CeleryMap = [:],
        errbacks: [CanvasOption] = [],
        place: CanvasPlace,
        isExecution: Bool,
        planner: CanvasPlanner
    ) throws(CanvasError) -> ChainSteps {
        var this = ChainSteps(chain, args, kwargs, errbacks, place, isExecution, planner)
        this.normalizeHead()
        while let task = this.steps.popLast() { try this.take(task) }
        chain.id = this.results.first?.id ?? place.id
        if isExecution {
            for task in this.tasks { task.stripHeaderLinks() }
        }
        return this
    }

    /// Chains at the beginning are spliced, and empty groups dropped, so that the first step is a task that takes the
    /// partial arguments.
    private mutating func normalizeHead() {
        var reversed = Array(chain.members.reversed())
        var stripped: CanvasNode?
        while var head = reversed.last {
            if head.kind == .chain {
                reversed.removeLast()
                if isExecution { head = head.clone() }
                reversed += head.members.reversed()
                continue
            }
            guard head.kind == .group else { break }
            head = head.unrolled
            reversed[reversed.count - 1] = head
            guard reversed.count > 1, head.isEmptyGroup else { break }
            stripped = head
            reversed.removeLast()
        }
        if let stripped, reversed.isEmpty { reversed.append(stripped) }
        steps = reversed.reversed()
    }

    private mutating func take(_ step: CanvasNode) throws(CanvasError) {
        let isFirst = steps.isEmpty
        let isLast = frozenCount == 0
        var task = step.unrolled
        if task.isEmptyGroup, !steps.isEmpty || previousTask != nil { return }
        if isExecution, task.isChordLedByTask {
            steps += try task.unrolledBody()
            return
        }
        if isExecution {
            task = isFirst ? task.clone(args: args, kwargs: kwargs) : task.clone()
        } else if isFirst {
            task.args = args + task.args
            task.hasTupleArgs = true
        }
        if task.kind == .chain {
            steps += task.members
            return
        }
        if task.kind == .group, let body = previousTask { task = upgraded(task, body) }
        let result = try freeze(task, isLast: isLast)
        frozenCount += 1
        try link(task, result)
        tasks.append(task)
        results.append(result)
        previousTask = task.isEmptyGroup ? nil : task
        previousResult = task.kind == .chord ? result.root : result
    }

    /// A group with a task after it becomes a chord with that task as its body.
    private mutating func upgraded(_ group: CanvasNode, _ body: CanvasNode) -> CanvasNode {
        tasks.removeLast()
        let bodyResult = results.removeLast()
        var options: CanvasOptions = [:]
        if let previousResult, previousResult.members == nil { options["task_id"] = .option(previousResult.id) }
        options["root_id"] = .option(place.rootID)
        let chord = CanvasNode.chord(group, body: body, options: options)
        previousTask = tasks.last.flatMap { $0.isEmptyGroup ? nil : $0 }
        // The rest of the chain was linked to the body's result; it is to be linked to the chord's.
        var node = results.last
        while let current = node, current.parent !== bodyResult { node = current.parent }
        if let node {
            node.parent = nil
            previousResult = node
        }
        return chord
    }

    private func freeze(_ task: CanvasNode, isLast: Bool) throws(CanvasError) -> FrozenResult {
        guard isLast else { return try task.freeze(CanvasPlace(rootID: place.rootID), planner) }
        var place = place
        place.parentID = nil
        return try task.freeze(place, planner)
    }

    private func link(_ task: CanvasNode, _ result: FrozenResult) throws(CanvasError) {
        if let previousTask {
            if chain.usesLinks { try task.link(.node(previousTask)) }
            if let previousResult, previousResult.parent == nil { previousResult.parent = result }
        }
        for errback in errbacks {
            try task.linkError(errback)
            if task.kind == .chord, let body = task.contents.body, !body.isEmptyGroup { try body.linkError(errback) }
        }
    }
}
