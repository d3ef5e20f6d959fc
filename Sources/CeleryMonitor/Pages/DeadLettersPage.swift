import Connections

/// What could not be run: the queues of dead letters, each with its groups.
struct DeadLettersPage: Page {
    struct QueueCard: Sendable {
        var queueName: String
        var queuePath: String
        var sourceName: String
        var letterCount: String
        var oldestText: String?
        var groups: [DeadGroupRow]
        var moreText: String?
        var readProblem: String?
    }

    struct Model: Sendable {
        var figures: [Figure]
        var queues: [QueueCard]
        var isEmpty: Bool
        var problem: String?
        var advice: String?
        var jobs: [DeadJobRow]
        var canOperate: Bool
    }

    static let path = "/dead-letters"
    static let template = "dead-letters"
    static let section: Section? = .deadLetters
    /// Queues and groups that are shown at most.
    private static let most = (queues: 30, groups: 6)

    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) { canOperate = !request.isReadOnly }

    var topics: Set<Topic> { [.queues] }

    func title(_ model: Model) -> String { "Dead letters" }

    func model(_ monitor: Monitor) async throws -> Model {
        let picture = monitor.broker.picture
        let all = picture.queues.filter(\.isDeadLetters)
        let busy = Set(monitor.deadLetters.jobs().filter(\.progress.isRunning).map(\.order.queue))
        let filled = all.filter { $0.ready > 0 || $0.unacknowledged > 0 || busy.contains($0.name) }
            .sorted { ($1.ready, $0.name) < ($0.ready, $1.name) }
        var cards: [QueueCard] = []
        for queue in filled.prefix(Self.most.queues) { cards.append(await card(queue, monitor)) }
        return Model(
            figures: [
                Figure(
                    "Dead letters",
                    Format.count(all.reduce(0) { $0 &+ $1.ready }),
                    under: "messages that could not be run"
                ),
                Figure("Queues", Format.count(filled.count), under: "of \(all.count) have some"),
            ],
            queues: cards,
            isEmpty: cards.isEmpty,
            problem: picture.problem,
            advice: picture.advice,
            jobs: monitor.deadLetters.jobs().prefix(5).map { DeadJobRow($0, canOperate: canOperate) },
            canOperate: canOperate
        )
    }

    private func card(_ queue: QueuePicture, _ monitor: Monitor) async -> QueueCard {
        var card = QueueCard(
            queueName: queue.name,
            queuePath: "/dead-letters/\(Format.path(queue.name))",
            sourceName: QueueNaming.source(ofDeadLetters: queue.name),
            letterCount: Format.number(queue.ready, "message"),
            groups: []
        )
        do {
            let snapshot = try await monitor.deadLetters.snapshot(of: queue.name, age: 15)
            let groups = DeadGroup.groups(snapshot.letters)
            card.groups = groups.prefix(Self.most.groups).map { DeadGroupRow($0, queue: queue.name) }
            card.oldestText = snapshot.letters.compactMap(\.time).min().map {
                "the oldest \(Format.ago(Format.now - $0))"
            }
            let hidden = groups.count - card.groups.count
            let rest = [
                hidden > 0 ? Format.number(hidden, "more group") : nil,
                snapshot.unread > 0 ? "\(Format.number(snapshot.unread, "message")) not read yet" : nil,
            ].compactMap { $0 }
            card.moreText = rest.isEmpty ? nil : rest.joined(separator: ", ")
        } catch {
            card.readProblem = "It can't be read now: \(ActionRunner.text(error))"
        }
        return card
    }
}
