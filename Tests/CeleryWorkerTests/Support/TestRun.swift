import CeleryProtocol
import Connections
import Logging

@testable import CeleryWorker

/// What a runner would have made of a message, without a broker.
enum TestRun {
    /// A core that is connected to nothing.
    static func core(
        _ configuration: WorkerConfiguration = WorkerConfiguration(),
        controls: WorkerControls = WorkerControls()
    ) throws -> WorkerCore {
        let celery = Celery(configuration: configuration, logger: .silent)
        return try WorkerCore(
            celery: celery,
            configuration: configuration,
            nodename: "celery@test",
            logger: celery.logger,
            controls: controls
        )
    }

    static func make(
        _ message: TaskMessage,
        task: RegisteredTask = RegisteredTask(name: "examples.add", options: TaskOptions()) { _ in [] },
        queue: QueueSettings = QueueSettings(name: "q")
    ) -> TaskRun {
        let lane = Lane(index: 0, queue: queue, registry: TaskRegistry(), catalogue: .celeryDefault)
        let entry = PriorityDispatch.Entry(batch: AMQPDeliveryBatch(bytes: [], deliveries: []), index: 0, epoch: 0)
        let rules = TaskRules(queue: queue, task: task.options, settings: nil)
        return TaskRun(
            delivery: Delivery(entry, lane: lane),
            message: message,
            known: KnownTask(task: task, rules: rules)
        )
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Passes its lines on.
    static func telling(_ lines: Tally<String>) -> Logger { Logger(label: "test") { _ in Teller(lines: lines) } }

    private struct Teller: LogHandler {
        let lines: Tally<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add("\(event.message)") }
    }
}
