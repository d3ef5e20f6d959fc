import CeleryWorker

/// Returns its arguments as a list. In a chain or a chord the result that comes in is the first one, so that what comes
/// out in the end shows which way it went.
struct Pair: RunnableTask {
    static let name = "examples.pair"

    var value: CeleryValue
    var label: String

    func run(_ context: TaskContext) async throws -> [CeleryValue] { [.string(label), value] }
}
