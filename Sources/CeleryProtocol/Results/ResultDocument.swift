import OrderedCollections

/// Writes the document that a result backend keeps for a task, straight into bytes.
///
/// It is ``ResultMeta`` for a worker's hot path: the result is JSON text already, and the clock is the caller's. Keys
/// and their order are those of `celery/backends/base.py`, `_get_result_meta`.
public struct ResultDocument: Sendable {
    public var taskID: String
    public var status: TaskState
    /// The JSON text of the return value, of the exception's dictionary, or of `update_state`'s meta.
    public var result: [UInt8]
    public var traceback: String?
    /// Result tuples of the tasks that this one sent; nil writes null, as Celery does outside a task.
    public var children: [CeleryValue]?
    public var groupID: String?
    public var parentID: String?
    public var extended: Extended?

    /// What `result_extended` adds; `args` and `kwargs` are JSON text.
    public struct Extended: Sendable {
        public var name: String
        public var args: [UInt8]
        public var kwargs: [UInt8]
        public var worker: String?
        public var retries: Int
        /// The routing key by which the message came.
        public var queue: String?
        /// Names and values of the stamps.
        public var stamps: CeleryMap

        public init(
            name: String,
            args: [UInt8],
            kwargs: [UInt8],
            worker: String?,
            retries: Int,
            queue: String?,
            stamps: CeleryMap = [:]
        ) {
            self.name = name
            self.args = args
            self.kwargs = kwargs
            self.worker = worker
            self.retries = retries
            self.queue = queue
            self.stamps = stamps
        }
    }

    public init(
        taskID: String,
        status: TaskState,
        result: [UInt8],
        traceback: String? = nil,
        children: [CeleryValue]? = [],
        groupID: String? = nil,
        parentID: String? = nil,
        extended: Extended? = nil
    ) {
        self.taskID = taskID
        self.status = status
        self.result = result
        self.traceback = traceback
        self.children = children
        self.groupID = groupID
        self.parentID = parentID
        self.extended = extended
    }
}
