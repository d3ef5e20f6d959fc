/// The whole at a glance: whether the system is well, and if not, where to look.
struct OverviewPage: Page {
    struct Model: Sendable {
        var workers: Int
    }

    static let path = "/"
    static let template = "overview"
    static let section: Section? = .overview

    init(_ request: PageRequest) throws(PageError) {}

    var topics: Set<Topic> { [.workers, .tasks, .queues, .alerts] }

    func title(_ model: Model) -> String { "Overview" }

    func model(_ monitor: Monitor) async throws -> Model {
        Model(workers: monitor.fleet.workers.filter(\.isAlive).count)
    }
}
