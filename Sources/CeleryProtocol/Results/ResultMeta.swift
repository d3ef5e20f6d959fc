import OrderedCollections

/// The document that a result backend keeps for a task (`celery/backends/base.py`, `_get_result_meta`).
///
/// It reads every document that Celery writes and keeps the keys it does not know; it writes Python's key order. A
/// worker that stores many results uses ``ResultDocument`` instead.
public struct ResultMeta: Sendable, Hashable {
    public var status: TaskState
    /// The return value, the exception's dictionary, or what `update_state` was given.
    public var result: CeleryValue
    public var traceback: String?
    /// Result tuples of the tasks that this one sent; nil when the document has null or none.
    public var children: [CeleryValue]?
    /// ISO 8601 text; only for ready states.
    public var dateDone: String?
    public var groupID: String?
    public var parentID: String?
    public var extended: Extended?
    public var taskID: String
    /// Keys that are none of the above: stamps, and what other versions add.
    public var others: CeleryMap

    /// What `result_extended` adds.
    public struct Extended: Sendable, Hashable {
        public var name: String?
        public var args: CeleryValue
        public var kwargs: CeleryValue
        public var worker: String?
        public var retries: Int?
        public var queue: String?

        public init(
            name: String? = nil,
            args: CeleryValue = .null,
            kwargs: CeleryValue = .null,
            worker: String? = nil,
            retries: Int? = nil,
            queue: String? = nil
        ) {
            self.name = name
            self.args = args
            self.kwargs = kwargs
            self.worker = worker
            self.retries = retries
            self.queue = queue
        }
    }

    public init(
        taskID: String,
        status: TaskState,
        result: CeleryValue = .null,
        traceback: String? = nil,
        children: [CeleryValue]? = nil,
        dateDone: String? = nil,
        groupID: String? = nil,
        parentID: String? = nil,
        extended: Extended? = nil,
        others: CeleryMap = [:]
    ) {
        self.taskID = taskID
        self.status = status
        self.result = result
        self.traceback = traceback
        self.children = children
        self.dateDone = dateDone
        self.groupID = groupID
        self.parentID = parentID
        self.extended = extended
        self.others = others
    }

    /// The exception that is stored, when the state is one of an exception.
    public var exception: ExceptionRecord? {
        status.isException ? ExceptionRecord(result) : nil
    }

    /// When the task was done.
    public var doneAt: Timestamp? { dateDone.flatMap(Timestamp.init(iso:)) }
}
