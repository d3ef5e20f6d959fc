import CeleryWorker

/// One queue: its depth and rates over time, who consumes it, what the broker knows of it, and what can be done.
struct QueuePage: Page {
    struct Consumer: Sendable {
        var workerName: String
        var workerPath: String
        var workerState: String
        var workerKind: String
    }

    struct Model: Sendable {
        var row: QueueRow
        var figures: [Figure]
        var ranges: [TimeRange.Choice]
        var charts: [ChartModel]
        var consumersHere: [Consumer]
        var consumersNote: String
        var details: FactGroup
        var arguments: FactGroup?
        var policy: FactGroup?
        var pausedText: String?
        var pausedOthers: String?
        var problem: String?
        var advice: String?
        var canOperate: Bool
        var tasksPath: String
    }

    static let path = "/queues/:name"
    static let template = "queue"
    static let section: Section? = .queues

    private let name: String
    private let range: TimeRange
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        name = try request.parameter("name")
        range = TimeRange(request)
        canOperate = !request.isReadOnly
    }

    var topics: Set<Topic> { [.queues, .workers] }

    func title(_ model: Model) -> String { "Queue \(name)" }

    func model(_ monitor: Monitor) async throws -> Model {
        let picture = monitor.broker.picture
        guard let queue = picture.queues.first(where: { $0.name == name }) else {
            throw PageError.notFound(
                picture.time > 0
                    ? "The broker has no queue \(name). The first worker or sender that names it makes it."
                    : "The broker has not answered yet. \(picture.problem ?? "")"
            )
        }
        let reports = monitor.inspector.known(age: 15)
        let claiming = reports.filter { $0.value.queueNames?.contains(name) == true }.keys.sorted()
        let paused = monitor.broker.paused.all[name]
        return Model(
            row: QueueRow(queue, in: picture),
            figures: figures(queue, picture),
            ranges: range.choices(),
            charts: await charts(monitor),
            consumersHere: claiming.map { consumer($0, monitor) },
            consumersNote: note(queue, claiming),
            details: details(queue, monitor),
            arguments: group("Arguments", queue.arguments),
            policy: group("Policy \(queue.policy ?? "")", queue.effectivePolicy),
            pausedText: paused.map { paused in
                "Paused by \(paused.who) \(Format.ago(Format.now - paused.since)); "
                    + "\(Format.number(paused.consumers.count, "worker")) will be given it again."
            },
            pausedOthers: paused.flatMap { _ in
                claiming.isEmpty ? nil : "\(claiming.joined(separator: ", ")) consumes it all the same: pause it again."
            },
            problem: picture.problem,
            advice: picture.advice,
            canOperate: canOperate,
            tasksPath: "/tasks\(Format.query([("queue", name)]))"
        )
    }

    private func figures(_ queue: QueuePicture, _ picture: BrokerPicture) -> [Figure] {
        let row = QueueRow(queue, in: picture)
        return [
            Figure("Ready", row.ready, under: queue.bytes.map { "\(Format.bytes($0)) in all" } ?? ""),
            Figure("Unacknowledged", row.unacknowledged, under: "with workers"),
            Figure("In", row.inRate, under: "published"),
            Figure("Out", row.outRate, under: "acknowledged \(Format.rate(queue.acknowledged))"),
            Figure("Consumers", row.consumers, under: row.stateText, kind: row.isBad ? "critical" : ""),
            Figure("Oldest waits", row.oldest, under: queue.oldestIsOfEvents ? "by the events" : ""),
        ]
    }

    private func charts(_ monitor: Monitor) async -> [ChartModel] {
        let depths = await QueueDepths(monitor, span: range.length, step: range.step, queue: name)
        return [
            ChartModel(
                "Messages",
                note: range.words,
                kind: .area,
                stacked: true,
                times: depths.times,
                series: [
                    .init(name: "ready", color: "series-1", values: depths.values(name) { Double($0.ready) }),
                    .init(
                        name: "unacknowledged",
                        color: "series-5",
                        values: depths.values(name) { Double($0.unacknowledged) }
                    ),
                ]
            ),
            ChartModel(
                "Rates",
                note: range.words,
                kind: .line,
                unit: "/s",
                times: depths.times,
                series: [
                    .init(name: "in", color: "series-6", values: depths.values(name) { $0.published }),
                    .init(name: "out", color: "series-4", values: depths.values(name) { $0.delivered }),
                ]
            ),
        ]
    }

    private func consumer(_ worker: String, _ monitor: Monitor) -> Consumer {
        let status = monitor.fleet.worker(worker)
        let isGone = status.map { !$0.isAlive } ?? false
        return Consumer(
            workerName: worker,
            workerPath: "/workers/\(Format.path(worker))",
            workerState: isGone ? "gone" : status == nil ? "answers" : "alive",
            workerKind: isGone ? "off" : "good"
        )
    }

    /// The broker counts connections, workers say their names: both are told.
    private func note(_ queue: QueuePicture, _ claiming: [String]) -> String {
        let broker = "The broker knows \(Format.number(queue.consumers, "consumer"))"
        if claiming.count == queue.consumers { return "\(broker), and as many workers say that they consume it." }
        if claiming.isEmpty { return "\(broker); no worker has said yet that it consumes it." }
        return "\(broker), and \(Format.number(claiming.count, "worker")) say that they consume it."
    }

    private func details(_ queue: QueuePicture, _ monitor: Monitor) -> FactGroup {
        let configured = monitor.celery.configuration.catalogue[name]
        let routes = configured?.routes.map(\.text).joined(separator: ", ")
        return FactGroup(
            "What it is",
            [
                ("Type", queue.type),
                ("State at the broker", queue.state),
                ("Leader", queue.leader),
                ("Copies", queue.members.isEmpty ? nil : queue.members.joined(separator: ", ")),
                ("In step", queue.members.isEmpty ? nil : queue.synchronized.joined(separator: ", ")),
                ("Durable", queue.isDurable ? "yes" : "no"),
                ("Priority", configured.map { "\($0.priority)" }),
                ("Routes", routes.flatMap { $0.isEmpty ? nil : $0 }),
                ("Routing key", configured?.routingKey),
                ("Runs at once, per worker", configured.map { "\($0.concurrency)" }),
                ("Prefetch", configured.map { "\($0.prefetch)" }),
                ("Delivery", configured.map { $0.delivery == .atLeastOnce ? "at least once" : "at most once" }),
            ]
        )
    }

    private func group(_ title: String, _ arguments: [QueuePicture.Argument]) -> FactGroup? {
        arguments.isEmpty ? nil : FactGroup(title, arguments.map { ($0.name, Format.short($0.value, 300)) })
    }
}
