import CeleryProtocol
import Synchronization

/// The tasks that a process can run, by name.
final class TaskRegistry: Sendable {
    private let tasks = Mutex<[String: RegisteredTask]>([:])

    /// Adds a task; of two with one name the later one counts.
    func register(_ task: RegisteredTask) { tasks.withLock { $0[task.name] = task } }

    var all: [RegisteredTask] { tasks.withLock { Array($0.values) } }

    subscript(name: String) -> RegisteredTask? { tasks.withLock { $0[name] } }
}

/// A task with its body, freed from its type.
final class RegisteredTask: Sendable {
    /// Binds the arguments, runs the body, and returns its value as JSON text.
    typealias Body = @Sendable (TaskContext) async throws -> [UInt8]

    let name: String
    let options: TaskOptions
    let body: Body
    /// How many arguments it takes.
    let parameters: ParameterCount
    /// How many runs of it were accepted by this process, in whatever queue.
    let acceptedCount = Atomic<Int>(0)

    init(name: String, options: TaskOptions, parameters: ParameterCount = .any, body: @escaping Body) {
        self.name = name
        self.options = options
        self.parameters = parameters
        self.body = body
    }

    convenience init<T: CeleryTask>(_ type: T.Type, run: @escaping @Sendable (T, TaskContext) async throws -> T.Output)
    where T.Output: Encodable {
        self.init(name: T.name, options: T.options, parameters: ParameterCount(of: T.self)) { context in
            let task = try ArgumentsDecoder.decode(T.self, from: context.arguments, taskName: T.name)
            return try CeleryEncoder().json(try await run(task, context))
        }
    }

    convenience init<T: CeleryTask>(_ type: T.Type, run: @escaping @Sendable (T, TaskContext) async throws -> Void)
    where T.Output == Void {
        let null = [UInt8]("null".utf8)
        self.init(name: T.name, options: T.options, parameters: ParameterCount(of: T.self)) { context in
            let task = try ArgumentsDecoder.decode(T.self, from: context.arguments, taskName: T.name)
            try await run(task, context)
            return null
        }
    }
}
