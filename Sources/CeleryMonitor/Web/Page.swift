/// A page: its path, who may see it, and the model that the template of the same name shows.
///
/// One page is one struct in Pages/ and one template in monitor/pages/, and a line in `Routes`. It is rendered whole on
/// the server. While somebody looks, `LiveStream` renders it again when the topics that it names change, and sends what
/// lies in `<main>` when that is different; so no page has a second form for live data.
protocol Page: Sendable {
    associatedtype Model: Sendable

    /// Hummingbird's form: `/queues/:name`.
    static var path: String { get }
    /// The template's name in monitor/pages/, without its extension.
    static var template: String { get }
    /// The entry of the navigation that is marked.
    static var section: Section? { get }
    static var role: Role { get }

    /// Reads the path's parameters and the query.
    init(_ request: PageRequest) throws(PageError)

    /// What changes it.
    var topics: Set<Topic> { get }

    func title(_ model: Model) -> String

    func model(_ monitor: Monitor) async throws -> Model
}

extension Page {
    static var role: Role { .viewer }
}

/// The entries of the navigation, in order.
enum Section: String, CaseIterable, Sendable {
    case overview, queues, workers, tasks, workflows
    case deadLetters = "dead-letters"
    case schedules, shards, broker, alerts,
        audit

    var title: String {
        switch self {
        case .deadLetters: "Dead letters"
        default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        }
    }

    var path: String { self == .overview ? "/" : "/\(rawValue)" }
}

/// What a page shows, as far as changes are announced.
enum Topic: Hashable, Sendable {
    case tasks, workers, queues, alerts, audit
    /// At least once in so many seconds, for what nobody announces.
    case every(seconds: Int)
}
