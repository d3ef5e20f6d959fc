/// Where a task's body runs.
public enum TaskPool: String, Sendable, Hashable, CaseIterable {
    /// In the worker's own process, on its threads.
    case threads
    /// In a child process, which can be killed and may crash without harm to other tasks. Celery's prefork pool.
    case processes
}
