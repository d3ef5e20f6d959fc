import Glibc

/// A Swift task in which a runner handles deliveries one after the other.
///
/// Making a Swift task for each delivery would cost a tenth of the whole. So they share one, up to the first that
/// suspends: from then on it belongs to that delivery alone, which can so be cancelled without touching others.
///
/// `@unchecked Sendable`: until the Swift task first suspends, only its thread touches the properties, inside
/// `Task.immediate` or just after it has returned. Afterwards the Swift task asks `hasMoved`, which on another thread
/// looks at nothing but the constant `thread`, and then touches nothing more than `end` does after a suspension:
/// nothing.
final class RunnerTask: @unchecked Sendable {
    private let thread = pthread_self()
    private var isSuspended = false
    private var isOver = false
    /// The run under way; its handle is set when it suspends.
    var current: TaskRun?

    /// Whether what ran last has suspended.
    var hasMoved: Bool { pthread_self() != thread || isSuspended }

    /// The Swift task has come to its end.
    func end() {
        if !hasMoved { isOver = true }
    }

    /// `Task.immediate` has returned: the Swift task is over, or it has suspended and belongs to its current run.
    func returned(_ handle: Task<Void, Never>) {
        guard !isOver else { return }
        isSuspended = true
        current?.belongs(to: handle)
    }
}
