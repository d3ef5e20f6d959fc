import CeleryWorker
import Connections
import Foundation

/// The Redis in which the suite's tasks leave notes: `get_redis_connection` of t/integration/tasks.py.
struct SuiteRedis: Sendable {
    private let client: RedisClient

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        let host = environment["REDIS_HOST"] ?? "localhost"
        let port = environment["REDIS_PORT"] ?? "6379"
        client = RedisClient(url: try RedisURL("redis://\(host):\(port)/0"))
    }

    /// RPUSH, which takes what redis-py takes: text, bytes and numbers.
    func push(_ value: CeleryValue, to key: String) async throws {
        let bytes: [UInt8]
        switch value {
        case .string(let text): bytes = Array(text.utf8)
        case .bytes(let value): bytes = value
        case .int, .double: bytes = Array(PythonRepr.str(value).utf8)
        default:
            throw ExceptionRecord(
                module: "redis.exceptions",
                type: "DataError",
                message: [
                    .string(
                        "Invalid input of type: '\(value.pythonTypeName)'. Convert to a bytes, string, int or float first."
                    )
                ]
            )
        }
        _ = try await client.send(RedisCommand("RPUSH", key: key, bytes))
    }

    func increment(_ key: String) async throws {
        _ = try await client.send(RedisCommand("INCR", key: key))
    }
}
