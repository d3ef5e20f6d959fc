import CeleryProtocol
import OrderedCollections

/// What a task's success causes: its callbacks, and the next task of its chain (`celery/app/trace.py`
/// `_dispatch_callbacks_and_chain`).
enum SuccessLinks {
    /// - Returns: What is to be published; its results become the task's children.
    /// - Throws: `CanvasError` for a signature that cannot be applied.
    static func plans(
        _ embed: Embed,
        result: CeleryValue,
        canvas: inout Canvas
    ) throws(CanvasError) -> [CanvasPlan] {
        var plans: [CanvasPlan] = []
        if embed.callbacks.count == 1 {
            plans.append(try canvas.apply(embed.callbacks[0], args: [result]))
        } else if !embed.callbacks.isEmpty {
            for group in embed.callbacks where group.subtaskType == "group" {
                plans.append(try canvas.apply(group, args: [result]))
            }
            let others = embed.callbacks.filter { $0.subtaskType != "group" }
            if !others.isEmpty { plans.append(try canvas.apply(.group(others), args: [result])) }
        }
        if let next = embed.chain.last {
            let rest = embed.chain.dropLast().map(\.celeryValue)
            plans.append(try canvas.apply(next, args: [result], options: ["chain": .array(rest)]))
        }
        return plans
    }
}
