import CeleryProtocol
import CeleryWorker

/// Ends a worker warmly.
struct WorkerShutdown: Action {
    static let name = "worker-shutdown"
    private let command: WorkerCommand

    init(_ form: ActionForm) throws(PageError) { command = try WorkerCommand(confirmed: form) }

    var subject: String { command.worker }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await monitor.celery.control.shutdown(.init(to: [command.worker]))
        return "\(command.worker) was told to shut down."
    }
}

struct WorkerPoolRestart: Action {
    static let name = "worker-pool-restart"
    private let command: WorkerCommand

    init(_ form: ActionForm) throws(PageError) { command = try WorkerCommand(confirmed: form) }

    var subject: String { command.worker }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await command.outcome(monitor.celery.control.restartPool(command.options), monitor)
    }
}

struct WorkerPoolGrow: Action {
    static let name = "worker-pool-grow"
    private let command: WorkerCommand
    private let count: Int

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        count = try form.integer("count", in: 1...1000)
    }

    var subject: String { command.worker }
    var details: String { "by \(count)" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await command.outcome(monitor.celery.control.growPool(by: count, command.options), monitor)
    }
}

struct WorkerPoolShrink: Action {
    static let name = "worker-pool-shrink"
    private let command: WorkerCommand
    private let count: Int

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        count = try form.integer("count", in: 1...1000)
    }

    var subject: String { command.worker }
    var details: String { "by \(count)" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await command.outcome(monitor.celery.control.shrinkPool(by: count, command.options), monitor)
    }
}

struct WorkerAutoscale: Action {
    static let name = "worker-autoscale"
    private let command: WorkerCommand
    private let minimum: Int
    private let maximum: Int

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        minimum = try form.integer("minimum", in: 0...10_000)
        maximum = try form.integer("maximum", in: 1...10_000)
        guard minimum <= maximum else { throw .badRequest("The least size is above the greatest.") }
    }

    var subject: String { command.worker }
    var details: String { "\(minimum) to \(maximum)" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let control = monitor.celery.control
        let replies = try await control.autoscale(maximum: maximum, minimum: minimum, command.options)
        return try await command.outcome(replies, monitor)
    }
}

struct WorkerAddConsumer: Action {
    static let name = "worker-add-consumer"
    private let command: WorkerCommand
    private let queue: String
    private let exchange: String?
    private let routingKey: String?

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        queue = try form.text("queue")
        (exchange, routingKey) = (form.value("exchange"), form.value("routing_key"))
        // AMQP 0-9-1, §4.2.5.3: short strings.
        for name in [queue, exchange ?? "", routingKey ?? ""] where name.utf8.count > 255 {
            throw .badRequest("Names of queues, exchanges and keys have at most 255 bytes.")
        }
    }

    var subject: String { command.worker }
    var details: String { queue }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let replies = try await monitor.celery.control
            .addConsumer(queue, exchange: exchange, routingKey: routingKey, command.options)
        return try await command.outcome(replies, monitor)
    }
}

struct WorkerCancelConsumer: Action {
    static let name = "worker-cancel-consumer"
    private let command: WorkerCommand
    private let queue: String

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        queue = try form.text("queue")
    }

    var subject: String { command.worker }
    var details: String { queue }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await command.outcome(monitor.celery.control.cancelConsumer(queue, command.options), monitor)
    }
}

/// How often a task may start on a worker.
struct WorkerRateLimit: Action {
    static let name = "worker-rate-limit"
    private let command: WorkerCommand
    private let task: String
    private let rate: String

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        (task, rate) = (try form.text("task"), try form.text("rate"))
    }

    var subject: String { command.worker }
    var details: String { "\(task) to \(rate)" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let limit = ["0", "none"].contains(rate.lowercased()) ? nil : rate
        return try await command.outcome(monitor.celery.control.rateLimit(task, to: limit, command.options), monitor)
    }
}

/// How long a task may run on a worker.
struct WorkerTimeLimit: Action {
    static let name = "worker-time-limit"
    private let command: WorkerCommand
    private let task: String
    private let soft: Double?
    private let hard: Double?

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        task = try form.text("task")
        soft = try Self.seconds(form, "soft")
        hard = try Self.seconds(form, "hard")
    }

    private static func seconds(_ form: ActionForm, _ key: String) throws(PageError) -> Double? {
        guard let text = form.value(key) else { return nil }
        guard let seconds = Double(text), seconds > 0, seconds <= 31_536_000 else {
            throw .badRequest("The \(key) time limit is a number of seconds up to a year, not \(text).")
        }
        return seconds
    }

    var subject: String { command.worker }
    var details: String {
        "\(task) to \(soft.map { Format.duration($0) } ?? "none") soft, \(hard.map { Format.duration($0) } ?? "none") hard"
    }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let replies = try await monitor.celery.control
            .timeLimit(task, soft: soft.map { .seconds($0) }, hard: hard.map { .seconds($0) }, command.options)
        return try await command.outcome(replies, monitor)
    }
}

/// Whether a worker tells of its tasks.
struct WorkerEvents: Action {
    static let name = "worker-events"
    private let command: WorkerCommand
    private let isEnabling: Bool

    init(_ form: ActionForm) throws(PageError) {
        command = try WorkerCommand(form)
        isEnabling = try form.text("enable") == "yes"
    }

    var subject: String { command.worker }
    var details: String { isEnabling ? "on" : "off" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let control = monitor.celery.control
        let replies =
            isEnabling
            ? try await control.enableEvents(command.options) : try await control.disableEvents(command.options)
        return try await command.outcome(replies, monitor)
    }
}

/// Forgets a worker that is gone, until it is heard of again.
struct WorkerForget: Action {
    static let name = "worker-forget"
    private let command: WorkerCommand

    init(_ form: ActionForm) throws(PageError) { command = try WorkerCommand(form) }

    var subject: String { command.worker }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        guard monitor.fleet.worker(command.worker)?.isAlive != true else {
            throw PageError.badRequest("\(command.worker) is alive; only workers that are gone can be forgotten.")
        }
        monitor.fleet.forget(command.worker)
        monitor.changes.announce(.workers)
        return "\(command.worker) is forgotten until it is heard of again."
    }
}

/// Forgets all workers that are gone.
struct WorkerForgetDead: Action {
    static let name = "worker-forget-dead"

    init(_ form: ActionForm) throws(PageError) {}

    var subject: String { "all that are gone" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let dead = monitor.fleet.workers.filter { !$0.isAlive }
        for worker in dead { monitor.fleet.forget(worker.name) }
        monitor.changes.announce(.workers)
        return "\(Format.number(dead.count, "worker is", "workers are")) forgotten."
    }
}
