import CeleryWorker

// The suite's tasks in whose place others run: `self.replace(…)`.

struct AddReplaced: RunnableTask {
    static let name = "t.integration.tasks.add_replaced"
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws { throw context.replace(with: .suite("add", x, y)) }
}

struct AddReplacedWithChain: RunnableTask {
    static let name = "t.integration.tasks.add_replaced_with_chain"
    var x: CeleryValue
    var y: CeleryValue

    func run(_ context: TaskContext) async throws {
        throw context.replace(with: try .chain([.suite("add", x, y), .suite("identity")]))
    }
}

struct ReplaceWithChain: RunnableTask {
    static let name = "t.integration.tasks.replace_with_chain"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder, keywords: "link_msg") }

    func run(_ context: TaskContext) async throws {
        let chain = try Signature.chain([.suite("identity", arguments.args), .suite("identity")])
        throw context.replace(with: try chain.linked(to: arguments.echo))
    }
}

struct ReplaceWithChainWhichRaises: RunnableTask {
    static let name = "t.integration.tasks.replace_with_chain_which_raises"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder, keywords: "link_msg") }

    func run(_ context: TaskContext) async throws {
        let chain = try Signature.chain([.suite("identity", arguments.args), .suite("raise_error")])
        throw context.replace(with: try chain.linkedOnError(to: arguments.echo))
    }
}

extension Variadic {
    /// What notes the result, or the text `link_msg` if that is given.
    fileprivate var echo: Signature {
        guard let message = keywords["link_msg"], !message.isNull else { return .suite("redis_echo") }
        return .suite("redis_echo", [message], isImmutable: true)
    }
}

struct ReplaceWithEmptyChain: RunnableTask {
    static let name = "t.integration.tasks.replace_with_empty_chain"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder) }

    func run(_ context: TaskContext) async throws { throw context.replace(with: try .chain([])) }
}

struct ReplaceWithChainWhichContainsAGroup: RunnableTask {
    static let name = "t.integration.tasks.replace_with_chain_which_contains_a_group"

    func run(_ context: TaskContext) async throws {
        throw context.replace(
            with: try .chain([.suite("add", 1, 2), .group([.suite("add", 1), .suite("add", 1)])])
        )
    }
}

struct AddToAll: RunnableTask {
    static let name = "t.integration.tasks.add_to_all"
    var nums: [CeleryValue]
    var val: CeleryValue

    func run(_ context: TaskContext) async throws {
        throw context.replace(with: .group(nums.map { .suite("add", $0, val) }))
    }
}

struct FailReplaced: RunnableTask {
    static let name = "t.integration.tasks.fail_replaced"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder) }

    func run(_ context: TaskContext) async throws {
        throw context.replace(with: .suite("fail", arguments.args, isImmutable: true))
    }
}

/// Records how often it was replaced, over several replacements.
struct RecordReplacedTaskNesting: RunnableTask {
    static let name = "t.integration.tasks.record_replaced_task_nesting"
    var replacements: Int
    var nesting: [Int]?

    func run(_ context: TaskContext) async throws -> [Int] {
        let nesting = (nesting ?? []) + [context.message.replacedTaskNesting]
        guard replacements > 0 else { return nesting }
        throw context.replace(
            with: .suite(
                "record_replaced_task_nesting",
                .int(replacements - 1),
                .array(nesting.map(CeleryValue.int))
            )
        )
    }
}

struct ReplacedWithMe: RunnableTask {
    static let name = "t.integration.tasks.replaced_with_me"

    func run(_ context: TaskContext) async throws -> Bool { true }
}

/// Stamps what takes its place, as a task of Python's does that overrides `on_replace`.
struct ReplaceWithStampedTask: RunnableTask {
    static let name = "t.integration.tasks.replace_with_stamped_task"
    var replace_with: CeleryValue?

    func run(_ context: TaskContext) async throws {
        let signature = replace_with.flatMap { Signature(celeryValue: $0) } ?? .suite("replaced_with_me")
        throw context.replace(with: signature.stamped(["StampOnReplace": "This is the replaced task"]))
    }
}
