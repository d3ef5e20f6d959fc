/// All workers that were heard of, with totals; those that are gone can be forgotten.
struct WorkersPage: Page {
    struct Model: Sendable {
        var figures: [Figure]
        var filterText: String
        var chips: [Chip]
        var columns: [Column]
        var workers: [WorkerLine]
        var summary: String
        var totals: Totals
        var newerQuery: String?
        var olderQuery: String?
        var dead: Int
        var canForget: Bool
        var isNobody: Bool
    }

    struct Totals: Sendable {
        var totalActive: String
        var totalProcessed: String
        var totalFailed: String
    }

    struct Chip: Sendable {
        var chipText: String
        var chipCount: String
        var chipQuery: String
        var isCurrent: Bool
    }

    struct Column: Sendable {
        var columnTitle: String
        var columnQuery: String
        /// `ascending`, `descending` or nil.
        var columnOrder: String?
        var columnClass: String
    }

    static let path = "/workers"
    static let template = "workers"
    static let section: Section? = .workers

    private static let perPage = 100

    private let text: String
    private let state: String?
    private let sort: String
    private let isDescending: Bool
    private let page: Int
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        text = String((request.value("q") ?? "").prefix(200))
        state = request.value("state")
        sort = request.value("sort") ?? "name"
        isDescending = request.value("dir") == "desc"
        page = min(max(request.value("page").flatMap { Int($0) } ?? 1, 1), 10_000)
        canOperate = !request.isReadOnly
    }

    var topics: Set<Topic> { [.workers, .every(seconds: 5)] }

    func title(_ model: Model) -> String { "Workers" }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        let all = monitor.fleet.workers
        let known = monitor.inspector.known
        askThoseUnknown(monitor, all, known)
        let found = all.filter(matches).sorted { before($0, $1) }
        let shown = found.dropFirst((page - 1) * Self.perPage).prefix(Self.perPage)
        let dead = all.count { !$0.isAlive }
        return Model(
            figures: figures(all),
            filterText: text,
            chips: chips(all),
            columns: columns,
            workers: shown.map { WorkerLine($0, known[$0.name], now: now) },
            summary: Format.number(found.count, "worker"),
            totals: Totals(
                totalActive: Format.count(found.filter(\.isAlive).reduce(0) { $0 + max(0, $1.active ?? 0) }),
                totalProcessed: Format.count(found.reduce(0) { $0 + ($1.processed ?? 0) }),
                totalFailed: Format.count(found.reduce(0) { $0 + $1.counts.failed })
            ),
            newerQuery: page > 1 ? query(page: page - 1) : nil,
            olderQuery: found.count > page * Self.perPage ? query(page: page + 1) : nil,
            dead: dead,
            canForget: canOperate && dead > 0,
            isNobody: all.isEmpty
        )
    }

    /// Pool, slots and memory are only in the workers' own word; the page does not wait for it.
    private func askThoseUnknown(_ monitor: Monitor, _ workers: [WorkerStatus], _ known: [String: WorkerReport]) {
        guard workers.contains(where: { $0.isAlive && known[$0.name] == nil }) else { return }
        Task { _ = try? await monitor.inspector.survey(age: 30) }
    }

    private func matches(_ worker: WorkerStatus) -> Bool {
        let isOfState =
            switch state {
            case "online": worker.isAlive
            case "offline": !worker.isAlive && worker.isOffline
            case "lost": !worker.isAlive && !worker.isOffline
            default: true
            }
        guard isOfState, !text.isEmpty else { return isOfState }
        return worker.name.lowercased().contains(text.lowercased())
            || (worker.software ?? "").lowercased().contains(text.lowercased())
    }

    private func before(_ one: WorkerStatus, _ other: WorkerStatus) -> Bool {
        let (a, b) = isDescending ? (other, one) : (one, other)
        func ordered<T: Comparable>(_ value: (WorkerStatus) -> T) -> Bool {
            value(a) == value(b) ? one.name < other.name : value(a) < value(b)
        }
        return switch sort {
        case "state": ordered { ($0.isAlive ? 0 : $0.isOffline ? 1 : 2) }
        case "active": ordered { $0.active ?? 0 }
        case "processed": ordered { $0.processed ?? 0 }
        case "failed": ordered { $0.counts.failed }
        case "load": ordered { $0.load.first ?? 0 }
        case "heard": ordered { $0.lastHeard }
        default: a.name < b.name
        }
    }

    private func query(page: Int = 1, sort: String? = nil, descending: Bool? = nil, state: String?? = .none) -> String {
        var fields: [(key: String, value: String)] = []
        if !text.isEmpty { fields.append(("q", text)) }
        if let state = state ?? self.state { fields.append(("state", state)) }
        let order = sort ?? self.sort
        if order != "name" || descending ?? isDescending { fields.append(("sort", order)) }
        if descending ?? isDescending { fields.append(("dir", "desc")) }
        if page > 1 { fields.append(("page", "\(page)")) }
        return fields.isEmpty ? "?" : Format.query(fields)
    }

    private var columns: [Column] {
        [
            ("Worker", "name", ""), ("State", "state", ""), ("Pool", "", "opt"), ("Running", "active", "num"),
            ("Processed", "processed", "num"), ("Failed", "failed", "num"), ("Load", "load", "num opt"),
            ("Memory", "", "num opt"), ("Version", "", "opt"), ("Last heard", "heard", ""),
        ].map { title, key, style in
            let isCurrent = key == sort
            // A figure is looked at from its greatest value first.
            let startsDown = style.hasPrefix("num")
            return Column(
                columnTitle: title,
                columnQuery: key.isEmpty ? "" : query(sort: key, descending: isCurrent ? !isDescending : startsDown),
                columnOrder: isCurrent ? (isDescending ? "descending" : "ascending") : nil,
                columnClass: style
            )
        }
    }

    private func chips(_ all: [WorkerStatus]) -> [Chip] {
        let alive = all.count(where: \.isAlive)
        let offline = all.count { !$0.isAlive && $0.isOffline }
        return [
            ("All", nil, all.count), ("Online", "online", alive), ("Offline", "offline", offline),
            ("Lost", "lost", all.count - alive - offline),
        ].map { text, key, count in
            Chip(
                chipText: text,
                chipCount: Format.count(count),
                chipQuery: query(state: .some(key)),
                isCurrent: state == key
            )
        }
    }

    private func figures(_ all: [WorkerStatus]) -> [Figure] {
        let alive = all.filter(\.isAlive)
        return [
            Figure(
                "Online",
                Format.count(alive.count),
                under: "of \(Format.count(all.count))",
                kind: alive.count < all.count ? "warning" : ""
            ),
            Figure("Running now", Format.count(alive.reduce(0) { $0 + max(0, $1.active ?? 0) }), under: "tasks"),
            Figure(
                "Succeeded",
                Format.count(all.reduce(0) { $0 + $1.counts.succeeded }),
                under: "since the history begins"
            ),
            Figure("Failed", Format.count(all.reduce(0) { $0 + $1.counts.failed }), under: "since the history begins"),
        ]
    }
}
