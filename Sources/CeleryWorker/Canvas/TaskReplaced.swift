public import CeleryProtocol

/// Thrown by a task in whose place another shall run; made by `TaskContext.replace(with:)`.
public struct TaskReplaced: Error {
    let signature: Signature
}

extension TaskContext {
    /// Lets a task, chain, group or chord take this one's place: whoever waits for this task gets its result. Throw what
    /// it returns. Celery's `Task.replace`.
    public func replace(with signature: Signature) -> TaskReplaced { TaskReplaced(signature: signature) }
}
