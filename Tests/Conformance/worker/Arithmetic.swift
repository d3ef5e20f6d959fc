import CeleryWorker

// The suite's tasks that compute something, as t/integration/tasks.py of Celery defines them.

struct Identity: RunnableTask {
    static let name = "t.integration.tasks.identity"
    var x: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { x }
}

struct Add: RunnableTask {
    static let name = "t.integration.tasks.add"
    var x: CeleryValue
    var y: CeleryValue
    var z: CeleryValue?

    func run(_ context: TaskContext) async throws -> CeleryValue {
        let sum = try CeleryValue.python(x, plus: y)
        guard let z, z.isTrue else { return sum }
        return try CeleryValue.python(sum, plus: z)
    }
}

struct Multiply: RunnableTask {
    static let name = "t.integration.tasks.mul"
    var x: Int
    var y: Int

    func run(_ context: TaskContext) async throws -> Int {
        let (product, overflow) = x.multipliedReportingOverflow(by: y)
        guard !overflow else { throw ExceptionRecord.builtin("OverflowError", "\(x) * \(y) is too large") }
        return product
    }
}

struct AddNotTyped: RunnableTask {
    static let name = "t.integration.tasks.add_not_typed"
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { try CeleryValue.python(x, plus: y) }
}

struct AddIgnoreResult: RunnableTask {
    static let name = "t.integration.tasks.add_ignore_result"
    static let options = TaskOptions(ignoreResult: true)
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { try CeleryValue.python(x, plus: y) }
}

struct AddWithResult: RunnableTask {
    static let name = "t.integration.tasks.add_with_result"
    static let options = TaskOptions(ignoreResult: false)
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { try CeleryValue.python(x, plus: y) }
}

/// What Pydantic makes of `data` in Python: a model with two integers, and one with the sum.
protocol PydanticAddition: RunnableTask where Output == AdditionResult {
    var data: Addends { get }
}

struct Addends: Codable {
    var x: Int
    var y: Int
}

struct AdditionResult: Encodable {
    var result: Int
}

extension PydanticAddition {
    func run(_ context: TaskContext) async throws -> AdditionResult { AdditionResult(result: data.x &+ data.y) }
}

struct AddPydantic: PydanticAddition {
    static let name = "t.integration.tasks.add_pydantic"
    var data: Addends
}

struct AddPydanticStringAnnotations: PydanticAddition {
    static let name = "t.integration.tasks.add_pydantic_string_annotations"
    var data: Addends
}
