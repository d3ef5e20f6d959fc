import CeleryWorker

// Two of the suite's tasks that are replaced by chains that end with themselves.

struct SecondOrderReplace1: CeleryTask {
    static let name = "t.integration.tasks.second_order_replace1"
    var state: Bool?

    func run(_ context: TaskContext, _ redis: SuiteRedis) async throws {
        guard state != true else { return try await redis.push("Out A", to: "redis-echo") }
        try await redis.push("In A", to: "redis-echo")
        var again = Signature.suite("second_order_replace1", [], isImmutable: true)
        again.kwargs = ["state": true]
        throw context.replace(with: try .chain([.suite("second_order_replace2"), again]))
    }
}

struct SecondOrderReplace2: CeleryTask {
    static let name = "t.integration.tasks.second_order_replace2"
    var state: Bool?

    func run(_ context: TaskContext, _ redis: SuiteRedis) async throws {
        guard state != true else { return try await redis.push("Out B", to: "redis-echo") }
        try await redis.push("In B", to: "redis-echo")
        var again = Signature.suite("second_order_replace2", [], isImmutable: true)
        again.kwargs = ["state": true]
        throw context.replace(with: try .chain([.suite("redis_echo", "In/Out C"), again]))
    }
}
