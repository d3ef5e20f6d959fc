import OrderedCollections

/// Collects the steps of a plan while signatures are applied, and supplies what Celery takes from its surroundings.
final class CanvasPlanner {
    let makeID: () -> String
    /// The running task, in whose name messages are sent that name no parent.
    let parentID: String?
    let rootID: String?
    let replyTo: String?
    var steps: [CanvasPlan.Step] = []
    var children: [FrozenResult] = []

    init(parentID: String?, rootID: String?, replyTo: String?, makeID: @escaping () -> String) {
        self.parentID = parentID
        self.rootID = rootID
        self.replyTo = replyTo
        self.makeID = makeID
    }

    func adopt(_ result: FrozenResult, _ options: CanvasOptions) {
        guard parentID != nil else { return }
        if case .value(let value) = options["add_to_parent"], TaskHeaders.flag(value) == false { return }
        children.append(result)
    }

    /// Sends a task (`celery/app/base.py` `send_task`).
    func publish(
        _ node: CanvasNode,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ options: CanvasOptions
    ) -> FrozenResult {
        var options = options
        let id = options.text("task_id") ?? makeID()
        let result = FrozenResult(id: id)
        adopt(result, options)
        options.removeValue(forKey: "add_to_parent")
        options["task_id"] = .value(.string(id))
        if let parentID {
            if options.text("root_id") == nil { options["root_id"] = .value(.string(rootID ?? parentID)) }
            if options.text("parent_id") == nil { options["parent_id"] = .value(.string(parentID)) }
        }
        if let replyTo, options.text("reply_to") == nil { options["reply_to"] = .value(.string(replyTo)) }
        let signature = Signature(
            node.task,
            args: args,
            kwargs: kwargs,
            options: options.mapValues(\.celeryValue),
            isImmutable: node.isImmutable
        )
        steps.append(.publish(signature))
        return result
    }
}
