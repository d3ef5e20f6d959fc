import CeleryWorker

// The suite's tasks that send others, or add some to their own chord.

struct ChainAdd: RunnableTask {
    static let name = "t.integration.tasks.chain_add"
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws {
        try await context.send(try chain(.suite("add", x, x), .suite("add", y)))
    }
}

struct ChordAdd: RunnableTask {
    static let name = "t.integration.tasks.chord_add"
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws {
        try await context.send(chord([.suite("add", x, x)], .suite("add", y)))
    }
}

struct AddToAllToChord: RunnableTask {
    static let name = "t.integration.tasks.add_to_all_to_chord"
    var nums: [CeleryValue]
    var val: CeleryValue

    func run(_ context: TaskContext) async throws -> Int {
        for number in nums { try await context.addToChord(.suite("add", number, val)) }
        return 0
    }
}

struct AddChordToChord: RunnableTask {
    static let name = "t.integration.tasks.add_chord_to_chord"
    var nums: [CeleryValue]
    var val: CeleryValue

    func run(_ context: TaskContext) async throws -> Int {
        let sum = try chain(group(nums.map { .suite("add", $0, val) }), .suite("tsum"))
        try await context.addToChord(sum)
        return 0
    }
}

/// Returns the result of a chain that it sends, as Python stores an `AsyncResult`.
struct BuildChainInsideTask: RunnableTask {
    static let name = "t.integration.tasks.build_chain_inside_task"

    func run(_ context: TaskContext) async throws -> CeleryValue {
        let tasks = try chain(
            .suite("add", 1, 1),
            .suite("add", 2),
            group(.suite("add", 3), .suite("add", 4)),
            .suite("add", 5)
        )
        return try await context.send(tasks).tuple.celeryValue
    }
}
