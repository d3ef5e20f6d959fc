import CeleryProtocol
import Synchronization

/// The tasks that a process can run, by name.
final class TaskRegistry: Sendable {
    private let tasks = Mutex<[String: RegisteredTask]>([:])

    /// Adds a task; of two with one name the later one counts.
    func register(_ task: RegisteredTask) { tasks.withLock { $0[task.name] = task } }

    var all: [RegisteredTask] { tasks.withLock { Array($0.values) } }
}

/// A task with its body, freed from its type.
final class RegisteredTask: Sendable {
    /// Binds the arguments, runs the body, and returns its value as JSON text.
    typealias Body = @Sendable (TaskContext) async throws -> [UInt8]

    let name: String
    let options: TaskOptions
    let body: Body
    /// How many runs of it were accepted by this process, in whatever queue.
    let acceptedCount = Atomic<Int>(0)

    init(name: String, options: TaskOptions, body: @escaping Body) {
        self.name = name
        self.options = options
        self.body = body
    }

    convenience init<T: CeleryTask>(_ type: T.Type, run: @escaping @Sendable (T, TaskContext) async throws -> T.Output)
    where T.Output: Encodable {
        self.init(name: T.name, options: T.options) { context in
            let task = try ArgumentsDecoder.decode(T.self, from: context.run.message.body, taskName: T.name)
            return try CeleryEncoder().json(try await run(task, context))
        }
    }

    convenience init<T: CeleryTask>(_ type: T.Type, run: @escaping @Sendable (T, TaskContext) async throws -> Void)
    where T.Output == Void {
        let null = [UInt8]("null".utf8)
        self.init(name: T.name, options: T.options) { context in
            let task = try ArgumentsDecoder.decode(T.self, from: context.run.message.body, taskName: T.name)
            try await run(task, context)
            return null
        }
    }
}
