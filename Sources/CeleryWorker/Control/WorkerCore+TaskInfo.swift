import CeleryProtocol
import Connections
import OrderedCollections

/// What `inspect` says of tasks (`celery/worker/request.py`, `Request.info`).
extension WorkerCore {
    /// How many waiting messages a reply lists at most; a prefetch without limit may have fetched millions.
    private static let mostListed = 10_000
    /// Arguments of more bytes are kept as their short text where they would be kept for long.
    private static let mostBytesKept = 8192

    /// Celery's TASK_INFO.
    ///
    /// - Parameters:
    ///   - run: Nil when the task has not begun.
    ///   - safe: Show the arguments as the texts that the sender made of them.
    func taskInfo(_ message: TaskMessage, run: TaskRun? = nil, safe: Bool = false) -> CeleryValue {
        let delivery = message.deliveryInfo
        let arguments = safe ? nil : try? message.body.values(limits: limits)
        let start = run.flatMap { startTime(of: $0) }
        return [
            "id": .string(message.id),
            "name": .string(message.name),
            "args": arguments.map { .array($0.args) } ?? .string(message.argsRepr),
            "kwargs": arguments.map { .map($0.kwargs) } ?? .string(message.kwargsRepr),
            "type": .string(message.task),
            "hostname": .string(nodename),
            "time_start": start.map { .double($0) } ?? .null,
            "acknowledged": .bool(
                start != nil && (run?.known.rules.delivery == .atMostOnce || run?.delivery.hold?.isHeld == true)
            ),
            "delivery_info": [
                "exchange": .string(delivery.exchange),
                "routing_key": .string(delivery.routingKey),
                "priority": delivery.priority.map { .int(Int($0)) } ?? .null,
                "redelivered": .bool(delivery.redelivered),
            ],
            "worker_pid": run.map { .int(Int(controls.processOf(self, $0))) } ?? .null,
        ]
    }

    /// TASK_INFO of a message that is about to leave this worker's memory.
    func keptTaskInfo(_ message: TaskMessage) -> CeleryValue {
        taskInfo(message, safe: message.body.size > Self.mostBytesKept)
    }

    /// Seconds since 1970; nil while a repeat still asks whether it may run.
    private func startTime(of run: TaskRun) -> Double? {
        let elapsed = run.elapsed(at: .now)
        return elapsed == 0 ? nil : WallClock.seconds - Double(elapsed) / 1e9
    }

    /// The messages that are here and have not begun, apart from those whose time has not come and to which nobody has
    /// come yet. Those that can't be decoded are left out.
    var waitingMessages: (reserved: [TaskMessage], early: [TaskMessage]) {
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let limited = held.all().compactMap { entry -> TaskMessage? in
            if entry.eta == nil, case .held(let message) = entry.content { message } else { nil }
        }
        let all = allWaitingMessages + limited
        return (all.filter { $0.eta.map { $0 <= now } ?? true }, all.filter { $0.eta.map { $0 > now } ?? false })
    }

    private var allWaitingMessages: [TaskMessage] {
        runners.waitingEntries(limit: Self.mostListed).compactMap { entry, lane in
            let delivery = Delivery(entry, lane: lanes[lane])
            return try? TaskMessage.decode(
                properties: delivery.frame.properties,
                body: delivery.frame.body,
                in: delivery.batch.bytes,
                deliveryInfo: delivery.info,
                accept: accept,
                limits: limits,
                decompress: decompressBody
            )
        }
    }

    /// Whether the worker can run a task of that name.
    func knows(task name: String) -> Bool { celery.registry.all.contains { $0.name == name } }

    /// All tasks whose time has not come, the earliest first.
    func scheduledTasks(early: [TaskMessage]) -> [(id: String, eta: Timestamp, info: CeleryValue)] {
        let waiting = early.compactMap { message in message.eta.map { (message.id, $0, taskInfo(message)) } }
        let held = held.all().compactMap { entry -> (id: String, eta: Timestamp, info: CeleryValue)? in
            guard let eta = entry.eta else { return nil }
            switch entry.content {
            case .held(let message): return (entry.id, eta, taskInfo(message))
            case .putOff(let info, _): return (entry.id, eta, info)
            }
        }
        return (waiting + held).sorted { $0.1 < $1.1 }
    }
}

extension TaskBody {
    /// Bytes of the arguments, where they are not parsed.
    fileprivate var size: Int {
        switch self {
        case .json(_, let args, let kwargs, _): args.count + kwargs.count
        case .values: .max
        }
    }
}
