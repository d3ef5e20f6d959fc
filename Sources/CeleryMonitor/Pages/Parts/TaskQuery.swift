import Foundation

/// A search for tasks as the address carries it: `/tasks?state=FAILURE&name=images.*&since=1h`.
struct TaskQuery: Sendable {
    /// Every column that can be shown; `default` says which are when nobody chose.
    enum Column: String, CaseIterable, Sendable {
        case name, id, state, received, started, ended, runtime, waited, worker, queue, tenant, args, kwargs, result,
            exception, retries, client, root, parent, eta, routingKey

        static let standard: [Column] = [.name, .id, .state, .received, .runtime, .worker, .queue]

        var title: String {
            switch self {
            case .name: "Task"
            case .id: "Id"
            case .runtime: "Run time"
            case .args: "Arguments"
            case .kwargs: "Keywords"
            case .eta: "ETA"
            case .routingKey: "Routing key"
            default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
            }
        }

        var order: TaskFilter.Order? {
            switch self {
            case .name: .name
            case .state: .state
            case .received: .received
            case .started: .started
            case .runtime: .runtime
            case .worker: .worker
            case .ended: .timestamp
            default: nil
            }
        }

        var isNumber: Bool { [.runtime, .waited, .retries].contains(self) }
    }

    static let states = ["PENDING", "RECEIVED", "STARTED", "SUCCESS", "FAILURE", "RETRY", "REVOKED", "REJECTED"]
    /// Text and value of `since`, seconds.
    static let spans: [(key: String, text: String, length: Double)] = [
        ("15m", "last 15 minutes", 900), ("1h", "last hour", 3600), ("24h", "last 24 hours", 86_400),
        ("7d", "last 7 days", 604_800),
    ]
    /// How long a field may be.
    private static let longest = 300

    var states: [String]
    var fields: [String: String] = [:]
    var columns: [Column]
    var order: TaskFilter.Order
    var isDescending: Bool
    /// Where the pages before this one and this one begin; empty on the first.
    var trail: [String]

    private static let texts = [
        "q", "name", "id", "worker", "queue", "tenant", "root", "since", "from", "to", "runtime",
    ]

    init(_ value: (String) -> [String]) {
        states = value("state").filter(Self.states.contains)
        for key in Self.texts {
            guard let text = value(key).last?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { continue }
            fields[key] = String(text.prefix(Self.longest))
        }
        let chosen = value("cols").compactMap(Column.init(rawValue:))
        columns = chosen.isEmpty ? Column.standard : Column.allCases.filter(chosen.contains)
        order = value("order").last.flatMap(TaskFilter.Order.init(rawValue:)) ?? .timestamp
        isDescending = value("dir").last != "asc"
        trail = value("at").filter { $0.utf8.count <= 2000 }.suffix(40)
    }

    init(_ request: PageRequest) { self.init { request.values($0) } }

    /// - Parameter query: `state=FAILURE&name=…`, as `self.fields` gives it.
    init(query: String) {
        let items = URLComponents(string: "?" + query)?.queryItems ?? []
        self.init { key in items.filter { $0.name == key }.compactMap(\.value) }
    }

    /// What to ask the history.
    ///
    /// - Parameter now: Seconds since 1970.
    func filter(now: Double) throws(PageError) -> TaskFilter {
        var filter = TaskFilter()
        filter.states = Set(states)
        (filter.text, filter.name, filter.id) = (fields["q"], fields["name"], fields["id"])
        (filter.worker, filter.queue) = (fields["worker"], fields["queue"])
        (filter.tenant, filter.root) = (fields["tenant"], fields["root"])
        if let span = Self.spans.first(where: { $0.key == fields["since"] }) { filter.from = now - span.length }
        if let text = fields["from"] { filter.from = try Self.moment(text, "from") }
        if let text = fields["to"] { filter.to = try Self.moment(text, "to") }
        if let text = fields["runtime"] {
            guard let seconds = Double(text), seconds.isFinite, seconds >= 0 else {
                throw .badRequest("The least run time is a number of seconds, not \(text).")
            }
            filter.minimalRuntime = seconds
        }
        (filter.order, filter.isDescending) = (order, isDescending)
        return filter
    }

    /// `2026-11-21T20:00`, UTC; or seconds since 1970.
    private static func moment(_ text: String, _ name: String) throws(PageError) -> Double {
        if let seconds = Double(text), seconds.isFinite { return seconds }
        let parts = text.split(whereSeparator: { "-T: Z".contains($0) }).map { Double($0) }
        let numbers = parts.compactMap { $0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        if numbers.count == parts.count, (3...6).contains(numbers.count),
            numbers.allSatisfy({ (0...9999).contains($0) })
        {
            let at = { (place: Int) in place < numbers.count ? Int(numbers[place]) : 0 }
            let components = DateComponents(
                year: at(0),
                month: at(1),
                day: at(2),
                hour: at(3),
                minute: at(4),
                second: at(5)
            )
            if let date = calendar.date(from: components) { return date.timeIntervalSince1970 }
        }
        throw .badRequest("\(name) is a time like 2026-11-21T20:00 (UTC), not \(text).")
    }

    /// The address's fields, for links; what is as usual is left out.
    func pairs(states: [String]? = nil, trail: [String] = []) -> [(key: String, value: String)] {
        var pairs = (states ?? self.states).map { (key: "state", value: $0) }
        for key in Self.texts { if let value = fields[key] { pairs.append((key, value)) } }
        if columns != Column.standard { pairs += columns.map { ("cols", $0.rawValue) } }
        if order != .timestamp { pairs.append(("order", order.rawValue)) }
        if !isDescending { pairs.append(("dir", "asc")) }
        return pairs + trail.map { ("at", $0) }
    }

    /// A link to the same with something changed; never empty, since an empty one would keep the old query.
    func link(states: [String]? = nil, trail: [String] = []) -> String {
        let pairs = pairs(states: states, trail: trail)
        return pairs.isEmpty ? "?" : Format.query(pairs)
    }

    func sorted(by order: TaskFilter.Order) -> String {
        var other = self
        other.isDescending = order == self.order ? !isDescending : ![.name, .state, .worker].contains(order)
        other.order = order
        return other.link()
    }

    /// Whether anything but columns and order was asked for.
    var isSearch: Bool { !states.isEmpty || !fields.isEmpty }
}
