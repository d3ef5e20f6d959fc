import CeleryWorker

// The suite's tasks that tell what they know of their own request.

struct IDs: RunnableTask {
    static let name = "t.integration.tasks.ids"
    var i: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { context.familyIDs(i) }
}

struct CollectIDs: RunnableTask {
    static let name = "t.integration.tasks.collect_ids"
    var res: CeleryValue
    var i: CeleryValue

    func run(_ context: TaskContext) async throws -> [CeleryValue] { [res, context.familyIDs(i)] }
}

extension TaskContext {
    /// `(root_id, parent_id, i)`.
    fileprivate func familyIDs(_ i: CeleryValue) -> CeleryValue {
        [message.rootID.map(CeleryValue.string) ?? .null, message.parentID.map(CeleryValue.string) ?? .null, i]
    }
}

struct ReturnPriority: RunnableTask {
    static let name = "t.integration.tasks.return_priority"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder) }

    func run(_ context: TaskContext) async throws -> String { "Priority: \(context.message.priority)" }
}

struct ReturnRequestETA: RunnableTask {
    static let name = "t.integration.tasks.return_request_eta"

    func run(_ context: TaskContext) async throws -> CeleryValue { context.message.header("eta") ?? .null }
}

struct ReturnProperties: RunnableTask {
    static let name = "t.integration.tasks.return_properties"

    func run(_ context: TaskContext) async throws -> CeleryValue {
        let properties = context.message.properties
        return [
            "content_type": properties.contentType.map(CeleryValue.string) ?? .null,
            "content_encoding": properties.contentEncoding.map(CeleryValue.string) ?? .null,
            "application_headers": .map(context.message.headers),
            "delivery_mode": properties.deliveryMode.map { .int(Int($0)) } ?? .null,
            "priority": .int(Int(context.message.priority)),
            "correlation_id": properties.correlationID.map(CeleryValue.string) ?? .null,
            "reply_to": properties.replyTo.map(CeleryValue.string) ?? .null,
            "app_id": properties.appID.map(CeleryValue.string) ?? .null,
        ]
    }
}

/// The time limits that the message gave.
protocol TimeLimitTeller: RunnableTask where Output == CeleryValue {}

extension TimeLimitTeller {
    func run(_ context: TaskContext) async throws -> CeleryValue {
        [
            "time_limit": context.message.hardTimeLimit.map(CeleryValue.double) ?? .null,
            "soft_time_limit": context.message.softTimeLimit.map(CeleryValue.double) ?? .null,
        ]
    }
}

struct ReturnRequestTimeLimits: TimeLimitTeller {
    static let name = "t.integration.tasks.return_request_time_limits"
}

struct TaskWithDeclaredTimeLimits: TimeLimitTeller {
    static let name = "t.integration.tasks.task_with_declared_time_limits"
    static let options = TaskOptions(softTimeLimit: .seconds(45), hardTimeLimit: .seconds(60))
}

struct SoftTimeLimitMustExceedTimeLimit: RunnableTask {
    static let name = "t.integration.tasks.soft_time_limit_must_exceed_time_limit"

    func run(_ context: TaskContext) async throws {}
}
