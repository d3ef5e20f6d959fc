import CeleryWorker
import Connections

/// The broker: its nodes, what they have left of memory and disk, alarms, partitions.
struct BrokerPage: Page {
    struct Node: Sendable {
        var nodeName: String
        var nodeState: String
        var nodeKind: String
        var memory: String
        var memoryUsed: Int
        var memoryLimit: Int
        var disk: String
        var descriptors: String
        var uptime: String
        var partitions: String?
        var alarms: [String]
    }

    struct Model: Sendable {
        var figures: [Figure]
        var nodes: [Node]
        var alarms: [String]
        var findings: [FindingRow]
        var facts: FactGroup
        var nodesProblem: String?
        var problem: String?
        var advice: String?
    }

    struct FindingRow: Sendable {
        var severity: String
        var findingText: String
        var findingAdvice: String
    }

    static let path = "/broker"
    static let template = "broker"
    static let section: Section? = .broker

    init(_ request: PageRequest) throws(PageError) {}

    var topics: Set<Topic> { [.queues] }

    func title(_ model: Model) -> String { "Broker" }

    func model(_ monitor: Monitor) async throws -> Model {
        let picture = monitor.broker.picture
        let urls = monitor.celery.configuration.broker.urls.map { "\($0)" }
        let running = picture.nodes.filter(\.running).count
        let rules =
            FindingRules.nodes(Situation(now: Format.now, broker: picture))
            + FindingRules.copies(Situation(now: Format.now, broker: picture))
        return Model(
            figures: [
                Figure(
                    "Nodes",
                    picture.nodes.isEmpty ? "–" : "\(running) / \(picture.nodes.count)",
                    under: "running",
                    kind: running < picture.nodes.count ? "critical" : ""
                ),
                Figure(
                    "Alarms",
                    picture.nodes.isEmpty ? "–" : "\(picture.alarms.count)",
                    under: picture.alarms.first ?? "none",
                    kind: picture.alarms.isEmpty ? "" : "critical"
                ),
                Figure(
                    "Connections",
                    picture.connections.map(Format.count) ?? "–",
                    under: picture.channels.map { Format.number($0, "channel") } ?? ""
                ),
                Figure(
                    "Queues",
                    Format.count(picture.queues.count),
                    under: Format.number(picture.queues.reduce(0) { $0 &+ $1.ready &+ $1.unacknowledged }, "message"),
                    path: Section.queues.path
                ),
            ],
            nodes: picture.nodes.map(Self.node),
            alarms: picture.alarms,
            findings: rules.map {
                FindingRow(
                    severity: $0.severity == .critical ? "critical" : $0.severity == .warning ? "warning" : "note",
                    findingText: $0.text,
                    findingAdvice: $0.advice
                )
            },
            facts: FactGroup(
                "What it is",
                [
                    ("RabbitMQ", picture.version),
                    ("Erlang", picture.erlangVersion),
                    ("Cluster", picture.clusterName),
                    ("AMQP", urls.joined(separator: ", ")),
                    ("Management", monitor.celery.configuration.management.url.map { "\($0)" } ?? "not configured"),
                    ("Asked", picture.time > 0 ? Format.time(picture.time).ago : "never with success"),
                ]
            ),
            nodesProblem: picture.nodesProblem,
            problem: picture.problem,
            advice: picture.advice
        )
    }

    private static func node(_ node: RabbitMQManagement.Node) -> Node {
        func share(_ used: Int?, _ limit: Int?, _ text: (Int) -> String) -> String {
            guard let used else { return "–" }
            return limit.map { "\(text(used)) of \(text($0))" } ?? text(used)
        }
        return Node(
            nodeName: node.name,
            nodeState: node.running ? (node.alarmTexts.isEmpty ? "running" : "alarm") : "down",
            nodeKind: node.running && node.alarmTexts.isEmpty ? "good" : "critical",
            memory: share(node.memoryUsed, node.memoryLimit, Format.bytes),
            memoryUsed: node.memoryUsed ?? 0,
            memoryLimit: node.memoryLimit ?? 0,
            disk: node.diskFree.map { free in
                "\(Format.bytes(free)) free" + (node.diskFreeLimit.map { ", limit \(Format.bytes($0))" } ?? "")
            } ?? "–",
            descriptors: share(node.descriptorsUsed, node.descriptorsTotal, Format.count),
            uptime: node.uptime.map { Format.duration(Double($0) / 1000) } ?? "–",
            partitions: node.partitions.flatMap { $0.isEmpty ? nil : $0.joined(separator: ", ") },
            alarms: node.alarmTexts
        )
    }
}
