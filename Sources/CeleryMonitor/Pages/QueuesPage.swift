/// All queues: how deep they are, what goes in and out, who consumes them.
struct QueuesPage: Page {
    struct Model: Sendable {
        var figures: [Figure]
        var queues: [QueueRow]
        var isEmpty: Bool
        var hasRates: Bool
        var problem: String?
        var advice: String?
        /// Queues of Celery's machinery that are not shown.
        var hiddenText: String?
        var showsAll: Bool
        var asOf: FormattedTime?
    }

    static let path = "/queues"
    static let template = "queues"
    static let section: Section? = .queues

    private let showsAll: Bool

    init(_ request: PageRequest) throws(PageError) { showsAll = request.value("all") == "1" }

    var topics: Set<Topic> { [.queues] }

    func title(_ model: Model) -> String { "Queues" }

    func model(_ monitor: Monitor) async throws -> Model {
        let picture = monitor.broker.picture
        let shown = picture.queues.filter { showsAll || !QueueNaming.isInternal($0.name) }
        let work = shown.filter { !$0.isDeadLetters || showsAll }
        let depths = await QueueDepths(monitor, span: 3600, step: 60)
        let hidden = picture.queues.count - shown.count
        return Model(
            figures: Self.figures(shown),
            queues: work.prefix(500).map { QueueRow($0, in: picture, spark: depths.spark($0.name)) },
            isEmpty: work.isEmpty,
            hasRates: !picture.isPartial,
            problem: picture.problem,
            advice: picture.advice,
            hiddenText: hidden > 0 ? Format.number(hidden, "internal queue") : nil,
            showsAll: showsAll,
            asOf: Format.time(picture.time > 0 ? picture.time : nil)
        )
    }

    private static func figures(_ queues: [QueuePicture]) -> [Figure] {
        let work = queues.filter { !$0.isDeadLetters && !QueueNaming.isInternal($0.name) }
        let dead = queues.filter { $0.isDeadLetters }.reduce(0) { $0 &+ $1.ready }
        let alone = work.filter { $0.consumers == 0 && $0.ready > 0 && !$0.isPaused }
        let paused = work.filter(\.isPaused).count
        return [
            Figure(
                "Waiting",
                Format.count(work.reduce(0) { $0 &+ $1.ready }),
                under: "in \(Format.number(work.count, "queue"))"
            ),
            Figure(
                "With workers",
                Format.count(work.reduce(0) { $0 &+ $1.unacknowledged }),
                under: "not acknowledged yet"
            ),
            Figure(
                "In",
                Format.rate(work.reduce(0) { $0 + $1.published }),
                under: "out \(Format.rate(work.reduce(0) { $0 + $1.delivered }))"
            ),
            Figure(
                "Not consumed",
                Format.count(alone.count),
                under: alone.first?.name ?? (paused > 0 ? "\(paused) paused" : "every queue is served"),
                kind: alone.isEmpty ? "" : "critical"
            ),
            Figure(
                "Dead letters",
                Format.count(dead),
                under: dead > 0 ? "could not be run" : "none",
                kind: dead > 0 ? "warning" : "",
                path: Section.deadLetters.path
            ),
        ]
    }
}
