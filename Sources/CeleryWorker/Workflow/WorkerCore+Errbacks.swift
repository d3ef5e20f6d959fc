import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// A message that is being handled.
struct MessageInHand: Sendable {
    var delivery: Delivery
    var message: TaskMessage
    /// Whether what is done for it may have been done before, wholly or in part.
    var isRepeat: Bool

    init(delivery: Delivery, message: TaskMessage) {
        self.delivery = delivery
        self.message = message
        isRepeat = message.deliveryInfo.redelivered || message.isAgain
    }
}

/// Calls errbacks (`celery/backends/base.py` `_call_task_errbacks`).
///
/// One that takes more than one argument is run here and now, with the failed task, the exception and the traceback; an
/// immutable one with its own arguments. All others, and those that this worker does not know, are sent as a group, with
/// the id of the failed task.
extension WorkerCore {
    /// - Returns: The result of the group that was sent, if one was.
    @discardableResult
    func callErrbacks(
        _ errbacks: [Signature],
        of task: FailedTask,
        _ exception: ExceptionRecord,
        _ traceback: String?,
        cause: MessageInHand,
        ids: ChildIDs
    ) async throws -> ResultTuple? {
        var sent: [Signature] = []
        for errback in errbacks {
            if let registered = celery.registry[errback.task], runsInline(errback, registered) {
                await runInline(errback, registered, task, exception, traceback, cause)
            } else {
                sent.append(errback)
            }
        }
        guard !sent.isEmpty else { return nil }
        var ids = ids
        var canvas = Canvas(parentID: task.id, rootID: task.rootID ?? task.id) { ids.next() }
        let plan = try canvas.apply(.group(sent), args: [.string(task.id)])
        try await carryOut(plan, for: cause.delivery)
        return plan.result
    }

    private func runsInline(_ errback: Signature, _ task: RegisteredTask) -> Bool {
        guard errback.subtaskType == nil else { return false }
        let bound = errback.isImmutable ? 0 : errback.args.count + errback.kwargs.count
        return task.parameters.leavesSeveral(after: bound)
    }

    private func runInline(
        _ errback: Signature,
        _ registered: RegisteredTask,
        _ task: FailedTask,
        _ exception: ExceptionRecord,
        _ traceback: String?,
        _ cause: MessageInHand
    ) async {
        do {
            let failed = try CeleryEncoder().encode(task)
            let given: [CeleryValue] = [failed, exception.value, traceback.map(CeleryValue.string) ?? .null]
            let call = errback.merging(args: given)
            let known = KnownTask(task: registered, rules: cause.delivery.lane.rules)
            let run = TaskRun(delivery: cause.delivery, message: cause.message, known: known)
            let arguments = TaskBody.values(args: call.args, kwargs: call.kwargs, embed: nil)
            _ = try await registered.body(TaskContext(run: run, core: self, arguments: arguments))
        } catch {
            logger.error("Errback \(errback.task) raised an exception: \(error)")
        }
    }
}
