import CeleryWorker

// The suite's tasks that add up lists.

struct Sum: RunnableTask {
    static let name = "t.integration.tasks.tsum"
    var nums: [CeleryValue]

    func run(_ context: TaskContext) async throws -> CeleryValue { try CeleryValue.pythonSum(nums) }
}

/// The sum of numbers and lists of numbers.
struct NestedSum: RunnableTask {
    static let name = "t.integration.tasks.xsum"
    var nums: [CeleryValue]

    func run(_ context: TaskContext) async throws -> CeleryValue {
        try CeleryValue.pythonSum(nums.map { try $0.arrayValue.map(CeleryValue.pythonSum) ?? $0 })
    }
}

struct DelayedSum: RunnableTask {
    static let name = "t.integration.tasks.delayed_sum"
    var numbers: [CeleryValue]
    var pause_time: Double?

    func run(_ context: TaskContext) async throws -> CeleryValue {
        try await Task.sleep(for: .seconds(pause_time ?? 1))
        return try CeleryValue.pythonSum(numbers)
    }
}

/// Returns 0 when its soft time limit passes.
struct DelayedSumWithSoftGuard: RunnableTask {
    static let name = "t.integration.tasks.delayed_sum_with_soft_guard"
    var numbers: [CeleryValue]
    var pause_time: Double?

    func run(_ context: TaskContext) async throws -> CeleryValue {
        do {
            try await Task.sleep(for: .seconds(pause_time ?? 1))
        } catch is CancellationError {
            return 0
        }
        return try CeleryValue.pythonSum(numbers)
    }
}

/// Sums a group's results and records in Redis that it ran.
struct SumAndRecord: CeleryTask {
    typealias Output = CeleryValue
    static let name = "t.integration.tasks.sum_and_record"
    var values: [CeleryValue]
    var redis_key: String

    func run(_ context: TaskContext, _ redis: SuiteRedis) async throws -> CeleryValue {
        let sum = try CeleryValue.pythonSum(values)
        try await redis.push(.string(context.id), to: redis_key)
        return sum
    }
}
