import CeleryWorker

// The suite's tasks that ask for another try.

/// Is run again until the third retry; then it returns what it was given, or fails.
struct RetryTask: RunnableTask {
    static let name = "t.integration.tasks.retry"
    static let options = TaskOptions(retry: .celery())
    var return_value: CeleryValue?

    func run(_ context: TaskContext) async throws -> CeleryValue {
        // Python counts in the task's instance, of which there is one in a worker process.
        if let return_value, return_value.isTrue, context.retries >= 3 { return return_value }
        throw context.retry(after: .seconds(5), cause: ExpectedException())
    }
}

struct RetryUnpickleable: RunnableTask {
    struct Options: Codable {
        var countdown: Double?
        var max_retries: Int?
    }

    static let name = "t.integration.tasks.retry_unpickleable"
    static let options = TaskOptions(retry: .celery())
    var foo: String
    var bar: CeleryValue
    var retry_kwargs: Options

    func run(_ context: TaskContext) async throws {
        throw context.retry(
            after: .seconds(retry_kwargs.countdown ?? 1),
            cause: UnpickleableException(foo: foo),
            maxRetries: retry_kwargs.max_retries
        )
    }
}

/// `f(*args, …, max_retries=1, countdown=0.1)`: retried once.
struct RetryOnceArguments: Codable {
    var arguments: Variadic

    init(from decoder: any Decoder) throws {
        arguments = try Variadic(decoder, keywords: "expires", "max_retries", "countdown")
    }

    func retry(_ context: TaskContext) -> TaskRetry {
        let countdown = arguments.keywords["countdown"]?.doubleValue ?? 0.1
        return context.retry(
            after: .seconds(countdown),
            maxRetries: arguments.keywords["max_retries"]?.intValue ?? 1
        )
    }
}

struct RetryOnce: RunnableTask {
    static let name = "t.integration.tasks.retry_once"
    static let options = TaskOptions(retry: .celery(1))
    var arguments: RetryOnceArguments

    init(from decoder: any Decoder) throws { arguments = try RetryOnceArguments(from: decoder) }

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries > 0 else { throw arguments.retry(context) }
        return context.retries
    }
}

struct RetryOncePriority: RunnableTask {
    static let name = "t.integration.tasks.retry_once_priority"
    static let options = TaskOptions(retry: .celery(1))
    var arguments: RetryOnceArguments

    init(from decoder: any Decoder) throws { arguments = try RetryOnceArguments(from: decoder) }

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries > 0 else { throw arguments.retry(context) }
        return Int(context.message.priority)
    }
}

struct RetryOnceHeaders: RunnableTask {
    static let name = "t.integration.tasks.retry_once_headers"
    static let options = TaskOptions(retry: .celery(1))
    var arguments: RetryOnceArguments

    init(from decoder: any Decoder) throws { arguments = try RetryOnceArguments(from: decoder) }

    func run(_ context: TaskContext) async throws -> CeleryValue {
        guard context.retries > 0 else { throw arguments.retry(context) }
        return context.message.customHeaders.map(CeleryValue.map) ?? .null
    }
}

struct RetryOnceIgnoreResult: RunnableTask {
    static let name = "t.integration.tasks.retry_once_ignore_result"
    static let options = TaskOptions(retry: .celery(), ignoreResult: true)

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries > 0 else { throw context.retry(after: .zero) }
        return context.retries
    }
}

struct RetryOnceWithResult: RunnableTask {
    static let name = "t.integration.tasks.retry_once_with_result"
    static let options = TaskOptions(retry: .celery(), ignoreResult: false)

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries > 0 else { throw context.retry(after: .zero) }
        return context.retries
    }
}

/// Retried by the policy alone, on a `ValueError`.
struct ClassBasedAutoRetry: RunnableTask {
    static let name = "auto_retry_class_task"
    static let options = TaskOptions(
        retry: RetryPolicy(maxRetries: 1, backoff: .exponential()) { ($0 as? ExceptionRecord)?.type == "ValueError" }
    )

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries > 0 else { throw ExceptionRecord(type: "ValueError") }
        return context.retries
    }
}

extension RetryPolicy {
    /// Celery's own: three tries more, none unless the task asks.
    static func celery(_ maxRetries: Int = 3) -> RetryPolicy {
        RetryPolicy(maxRetries: maxRetries, backoff: .constant(.seconds(1)), retries: { _ in false })
    }
}

/// Retried with other arguments by position, after it was called by keywords.
struct RetryWithArgsAfterKwargs: RunnableTask {
    static let name = "t.integration.tasks.retry_with_args_after_kwargs"
    static let options = TaskOptions(retry: .celery(1))
    var foo: Int
    var bar: Int
    var label: String?

    func run(_ context: TaskContext) async throws -> CeleryValue {
        guard context.retries > 0 else {
            throw try context.retry(with: Self(foo: foo + 1, bar: bar + 1, label: label), after: .zero)
        }
        return [
            "foo": .int(foo), "bar": .int(bar), "label": label.map { .string($0) } ?? .null,
            "retries": .int(context.retries), "is_eager": false,
        ]
    }
}

/// Retried with one argument changed by keyword, after it was called by position.
struct RetryWithKwargsAfterArgs: RunnableTask {
    static let name = "t.integration.tasks.retry_with_kwargs_after_args"
    static let options = TaskOptions(retry: .celery(1))
    var foo: Int
    var bar: Int

    func run(_ context: TaskContext) async throws -> CeleryValue {
        guard context.retries > 0 else { throw try context.retry(with: Self(foo: foo + 1, bar: bar), after: .zero) }
        return ["foo": .int(foo), "bar": .int(bar), "retries": .int(context.retries), "is_eager": false]
    }
}
