import CeleryWorker
import Foundation

// The suite's tasks that leave notes in Redis, in a file or in the log.

struct RedisEcho: CeleryTask {
    static let name = "t.integration.tasks.redis_echo"
    var message: CeleryValue
    var redis_key: String?

    func run(_ redis: SuiteRedis) async throws { try await redis.push(message, to: redis_key ?? "redis-echo") }
}

struct RedisEchoGroupID: CeleryTask {
    enum CodingKeys: String, CodingKey {
        case ignored = "_"
        case redis_key
    }

    static let name = "t.integration.tasks.redis_echo_group_id"
    var ignored: CeleryValue
    var redis_key: String?

    func run(_ context: TaskContext, _ redis: SuiteRedis) async throws {
        try await redis.push(
            context.message.group.map(CeleryValue.string) ?? .null,
            to: redis_key ?? "redis-group-ids"
        )
    }
}

struct RedisCount: CeleryTask {
    static let name = "t.integration.tasks.redis_count"
    var redis_key: String?

    func run(_ redis: SuiteRedis) async throws { try await redis.increment(redis_key ?? "redis-count") }
}

struct WriteToFileAndReturnInt: RunnableTask {
    static let name = "t.integration.tasks.write_to_file_and_return_int"
    var file_name: String
    var i: Int

    func run(_ context: TaskContext) async throws -> Int {
        let descriptor = open(file_name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ExceptionRecord.builtin("OSError", "can't open \(file_name)") }
        defer { close(descriptor) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try file.write(contentsOf: Data("\(i)\n".utf8))
        return i
    }
}

/// Logs and prints text that is not ASCII.
struct PrintUnicode: RunnableTask {
    static let name = "t.integration.tasks.print_unicode"
    var log_message: String?
    var print_message: String?

    func run(_ context: TaskContext) async throws {
        context.logger.warning("\(log_message ?? "håå®ƒ valmuefrø")")
        print(print_message ?? "hiöäüß")
    }
}

struct Sleeping: RunnableTask {
    static let name = "t.integration.tasks.sleeping"
    var i: Double

    func run(_ context: TaskContext) async throws { try await Task.sleep(for: .seconds(i)) }
}
