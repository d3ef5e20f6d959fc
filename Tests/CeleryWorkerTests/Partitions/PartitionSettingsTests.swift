import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

@Suite("Partitions: settings, routes, topology")
struct PartitionSettingsTests {
    private let partitioned = """
        partitions: {routes: ["agents.*"], time_limit: 60}
        queues: {work: {routes: ["agents.report", "data.*"], concurrency: 4, max_priority: 9}}
        """

    @Test func offUnlessConfigured() throws {
        let plain = try configuration(fourQueues)
        #expect(plain.catalogue.partitions == nil)
        #expect(!plain.consumesPartitions)
        #expect(plain.catalogue.allQueues == plain.catalogue.queues)
    }

    @Test func defaults() throws {
        let configuration = try configuration("partitions: {}")
        let settings = try #require(configuration.catalogue.partitions)
        #expect(configuration.consumesPartitions)
        #expect(settings.queues.map(\.name) == (0..<10).map { "ai.tasks.\($0)" })
        let queue = try #require(settings.queues.first)
        #expect(queue.exchange == "ai.tasks")
        #expect(queue.deadLetterQueue == "ai.tasks.dead")
        #expect((queue.concurrency, queue.prefetch) == (1, 16))
        #expect(queue.declarationArguments == ["x-single-active-consumer": .bool(true)])
        #expect((settings.heartbeat, settings.expires) == (.seconds(1), .seconds(5)))
    }

    @Test("What queues inherit does not let tasks of a partition pass each other")
    func inherited() throws {
        let configuration = try configuration(
            "defaults: {concurrency: 20, prefetch: 100, max_priority: 5, max_deliveries: 7}\npartitions: {prefetch: 4}"
        )
        let queue = try #require(configuration.catalogue.partitions?.queues.first)
        #expect((queue.concurrency, queue.prefetch) == (1, 4))
        #expect(queue.maxPriority == nil)
        #expect(queue.maxDeliveries == 7)
    }

    @Test(
        "One wrong setting, one line",
        arguments: [
            ("partitions: {count: 0}", "partitions.count: must be a whole number from 1 to 1000, not \"0\""),
            (
                "partitions: {heartbeat: 2, expires: 5}",
                "partitions.expires: must be at least three heartbeats (6s), or a slow answer of Redis moves partitions; "
                    + "not 5s"
            ),
            ("partitions: {routing_key: x}", "partitions.routing_key: unknown key; "),
            ("partitions: {max_priority: 3}", "partitions.max_priority: unknown key; "),
            (
                "partitions: {}\nqueues: {ai.tasks.3: {}}",
                "partitions.exchange: queue ai.tasks.3 has the name of a partition; choose another exchange"
            ),
            (
                "partitions: {routes: [a.*]}\nqueues: {q: {routes: [a.*]}}",
                "partitions.routes: route \"a.*\" belongs to queue q already; a task can go to one queue only"
            ),
            ("partitions: {concurrency: 4, prefetch: 2}", "partitions.prefetch: must be at least the concurrency"),
        ]
    )
    func refused(yaml: String, problem: String) {
        let found = problems(yaml)
        #expect(found.count == 1)
        #expect(found.first?.contains(problem) == true, "\(found)")
    }

    @Test(
        "-Q and -X name the exchange",
        arguments: [
            (nil, nil, ["work"], true), ("ai.tasks", nil, [], true), ("work", nil, ["work"], false),
            ("work,ai.tasks", nil, ["work"], true), (nil, "ai.tasks", ["work"], false), (nil, "work", [], true),
            ("ai.tasks.3", nil, ["ai.tasks.3"], false),
        ]
    )
    func selection(queues: String?, excluded: String?, consumed: [String], shares: Bool) throws {
        var overrides = ConfigurationOverrides()
        (overrides.queues, overrides.excludeQueues) = (queues, excluded)
        let configuration = try configuration(partitioned, overrides: overrides)
        #expect(configuration.consumedQueues.map(\.name) == consumed)
        #expect(configuration.consumesPartitions == shares)
        #expect(configuration.warnings.isEmpty)
    }

    private func destination(
        _ task: String,
        queue: String? = nil,
        agent: String? = nil,
        headers: CeleryMap = [:],
        kwargs: CeleryMap = [:],
        yaml: String? = nil
    ) throws -> String {
        try configuration(yaml ?? partitioned).catalogue.destination(
            ofTask: task,
            queue: queue,
            agent: agent,
            headers: headers,
            kwargs: kwargs
        )
    }

    @Test func routes() throws {
        // int(md5('agent-1')) % 10 and int(md5('7')) % 10, by Python
        #expect(try destination("agents.visit", kwargs: ["agent_id": "agent-1"]) == "ai.tasks.2")
        #expect(try destination("agents.visit", kwargs: ["agent_id": 7]) == "ai.tasks.5")
        #expect(try destination("agents.visit", headers: ["agent_id": "agent-1"]) == "ai.tasks.2")
        #expect(try destination("anything", agent: "agent-1") == "ai.tasks.2")
        #expect(try destination("anything", queue: "ai.tasks", kwargs: ["agent_id": 7]) == "ai.tasks.5")
        #expect(try destination("agents.report", kwargs: ["agent_id": 7]) == "work")
        #expect(try destination("agents.visit", queue: "work", kwargs: ["agent_id": 7]) == "work")
        #expect(try destination("data.load", kwargs: ["agent_id": 7]) == "work")
        #expect(try destination("other") == "celery")
    }

    @Test(arguments: [[:], ["agent_id": ""], ["agent_id": nil], ["agent_id": [1]], ["agent_id": 1.5]] as [CeleryMap])
    func aTaskOfNobodyIsRefused(kwargs: CeleryMap) {
        #expect(throws: CeleryError.self) { try destination("agents.visit", kwargs: kwargs) }
    }

    @Test func anAgentNeedsPartitions() {
        #expect(throws: CeleryError.self) { try destination("a", agent: "x", yaml: fourQueues) }
    }

    @Test("What a workflow sends without an agent goes by its root, and never fails")
    func signatures() throws {
        let celery = Celery(configuration: try configuration(partitioned), logger: .silent)
        func key(_ signature: Signature) throws -> String {
            try SignatureMessage(signature, celery: celery, now: Timestamp(microsecondsSince1970: 0), mayRepeat: false)
                .publication.routingKey
        }
        #expect(try key(Signature("agents.visit", kwargs: ["agent_id": "agent-1"])) == "ai.tasks.2")
        #expect(try key(Signature("agents.visit", options: ["task_id": "7"])) == "ai.tasks.5")
        #expect(try key(Signature("agents.visit", options: ["task_id": "x", "root_id": "7"])) == "ai.tasks.5")
        #expect(try key(Signature("data.load")) == "work")
    }

    @Test("One exchange, one dead-letter queue and one policy; a queue and a binding for each partition")
    func topology() throws {
        let settings = try #require(
            try configuration("partitions: {count: 3, exchange: ai-tasks}").catalogue.partitions
        )
        let plan = TopologyPlan(queues: settings.queues)
        #expect(plan.exchanges == [.init(name: "ai-tasks", type: "direct")])
        #expect(plan.queues.map(\.name) == ["ai-tasks.dead", "ai-tasks.0", "ai-tasks.1", "ai-tasks.2"])
        #expect(plan.queues.map(\.arguments.count) == [0, 1, 1, 1])
        #expect(plan.bindings.map(\.routingKey) == ["ai-tasks.0", "ai-tasks.1", "ai-tasks.2"])
        #expect(plan.policies.map(\.pattern) == ["^ai\\-tasks\\.[0-9]+$"])
    }

    @Test("What is said of several partitions alike is said once")
    func findings() throws {
        let queues = try #require(try configuration("partitions: {count: 3}").catalogue.partitions).queues
        let dead = QueueStatus(messages: 2, consumers: 0)
        let lines = SettingsCheck.partitions([
            (queues[0], QueueStatus(messages: 0, consumers: 1), dead), (queues[1], nil, dead),
            (queues[2], QueueStatus(messages: 0, consumers: 1), dead),
        ])
        #expect(lines.map(\.subject) == ["partition ai.tasks 0, 2", "queue ai.tasks.dead", "partition ai.tasks 1"])
    }
}
