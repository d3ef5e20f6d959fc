import CeleryWorker

/// The smallest task. Python calls it with `app.send_task("examples.add", (1, 2))` or with `kwargs={"x": 1, "y": 2}`.
struct Add: RunnableTask {
    // What it is called on the wire.
    static let name = "examples.add"

    // The parameters, in order. Wrong arguments never get here: the sender sees Python's TypeError.
    var x: Int
    var y: Int

    // What it returns is stored as JSON; anything Encodable will do.
    func run(_ context: TaskContext) async throws -> Int {
        let (sum, overflow) = x.addingReportingOverflow(y)
        guard !overflow else { throw ExceptionRecord.builtin("OverflowError", "\(x) + \(y) is too large") }
        return sum
    }
}
