/// The dead letters of one queue: groups, single messages, and what can be done with all of them.
struct DeadQueuePage: Page {
    struct Model: Sendable {
        var queueName: String
        var sourceName: String
        var sourcePath: String
        var countText: String
        var readText: String?
        var groups: [DeadGroupRow]
        var letters: [DeadLetterRow]
        var moreText: String?
        var chosen: DeadGroupRow?
        var jobs: [DeadJobRow]
        var isEmpty: Bool
        var canOperate: Bool
        /// What is requeued or dropped by the buttons: a group's fingerprint, or nothing for all.
        var selection: String
        var selectionText: String
        var groupsPath: String
    }

    static let path = "/dead-letters/:queue"
    static let template = "dead-queue"
    static let section: Section? = .deadLetters
    private static let most = 200

    private let queue: String
    private let group: String?
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        queue = try request.parameter("queue")
        group = request.value("group")
        canOperate = !request.isReadOnly
    }

    var topics: Set<Topic> { [.queues] }

    func title(_ model: Model) -> String { "Dead letters of \(model.sourceName)" }

    func model(_ monitor: Monitor) async throws -> Model {
        let snapshot: DeadSnapshot
        do {
            snapshot = try await monitor.deadLetters.snapshot(of: queue, age: 5)
        } catch {
            throw DeadLetters.pageError(error, queue)
        }
        let groups = DeadGroup.groups(snapshot.letters)
        let chosen = groups.first { $0.fingerprint == group }
        let letters = snapshot.letters.filter { group == nil || $0.fingerprint == group }
        let count = snapshot.letters.count + snapshot.unread
        let source = QueueNaming.source(ofDeadLetters: queue)
        return Model(
            queueName: queue,
            sourceName: source,
            sourcePath: "/queues/\(Format.path(source))",
            countText: Format.number(count, "message"),
            readText: snapshot.unread > 0 ? "The first \(Format.count(snapshot.letters.count)) were read." : nil,
            groups: groups.prefix(100).map { DeadGroupRow($0, queue: queue, chosen: group) },
            letters: letters.prefix(Self.most).map(DeadLetterRow.init),
            moreText: letters.count > Self.most ? "and \(Format.count(letters.count - Self.most)) more" : nil,
            chosen: chosen.map { DeadGroupRow($0, queue: queue) },
            jobs: monitor.deadLetters.jobs(of: queue).prefix(5).map { DeadJobRow($0, canOperate: canOperate) },
            isEmpty: snapshot.letters.isEmpty,
            canOperate: canOperate,
            selection: chosen?.fingerprint ?? "",
            selectionText: chosen.map { "the \(Format.count($0.count)) of this group" } ?? "all \(Format.count(count))",
            groupsPath: "/dead-letters/\(Format.path(queue))"
        )
    }
}

extension DeadLetters {
    /// What a page says when a queue can't be read.
    static func pageError(_ error: any Error, _ queue: String) -> PageError {
        if let error = error as? PageError { return error }
        if "\(error)".contains("404") { return .notFound("The broker has no queue \(queue).") }
        return .unavailable("Reading \(queue): \(error)")
    }
}
