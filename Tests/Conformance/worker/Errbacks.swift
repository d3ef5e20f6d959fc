import CeleryWorker

// The suite's errbacks: of the old style, called with the failed task's id, and of the new, with the task, its exception
// and its traceback.

struct ErrbackOldStyle: CeleryTask {
    typealias Output = String
    static let name = "t.integration.tasks.errback_old_style"
    var request_id: String

    func run(_ redis: SuiteRedis) async throws -> String {
        try await redis.increment(request_id)
        return request_id
    }
}

struct ErrbackNewStyle: CeleryTask {
    typealias Output = String
    static let name = "t.integration.tasks.errback_new_style"
    var request: FailedTask
    var exc: CeleryValue
    var tb: CeleryValue

    func run(_ redis: SuiteRedis) async throws -> String {
        try await redis.increment(request.id)
        return request.id
    }
}

struct ErrbackOldStyleWithArgs: CeleryTask {
    static let name = "t.integration.tasks.errback_old_style_with_args"
    var request_id: String
    var label: CeleryValue

    func run(_ redis: SuiteRedis) async throws { try await redis.push(label, to: request_id) }
}

struct ErrbackNewStyleWithArgs: CeleryTask {
    static let name = "t.integration.tasks.errback_new_style_with_args"
    var request: FailedTask
    var exc: CeleryValue
    var tb: CeleryValue
    var label: CeleryValue

    func run(_ redis: SuiteRedis) async throws { try await redis.push(label, to: request.id) }
}
