/// The keys of the metadata that this library puts into log lines.
enum LogKeys {
    /// The name of the task that a line is about.
    static let taskName = "task_name"
    /// Its id.
    static let taskID = "task_id"
}
