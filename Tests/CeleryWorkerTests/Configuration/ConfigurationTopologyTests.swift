import Connections
import Testing

@testable import CeleryWorker

@Suite("Topology: what is planned, and what differs")
struct ConfigurationTopologyTests {
    private func plan(_ yaml: String, version: RabbitMQVersion? = RabbitMQVersion(3, 13)) throws -> TopologyPlan {
        TopologyPlan(queues: try configuration(yaml).catalogue.queues, version: version)
    }

    @Test("The four queues: exchange, queue without arguments, two bindings, dead-letter queue, one policy each")
    func fourQueues() throws {
        let plan = try plan(CeleryWorkerTests.fourQueues)
        #expect(plan.exchanges.map(\.name) == ["inference", "health", "processing", "training"])
        #expect(plan.exchanges.allSatisfy { $0.type == "direct" })
        #expect(plan.queues.prefix(2).map(\.name) == ["inference.dead", "inference"])
        #expect(plan.queues.count == 8)
        #expect(plan.queues.allSatisfy { $0.arguments.isEmpty })
        #expect(
            plan.bindings.suffix(2) == [
                .init(queue: "training", exchange: "training", routingKey: "ai.training"),
                .init(queue: "training", exchange: "training", routingKey: "training"),
            ]
        )
        #expect(plan.policies.map(\.name) == ["chard-inference", "chard-health", "chard-processing", "chard-training"])
        let policy = try #require(plan.policies.first)
        #expect(policy.pattern == "^inference$")
        #expect(policy.priority == -1)
        #expect(
            policy.definition == [
                "dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("inference.dead"),
            ]
        )
        #expect(plan.notes.isEmpty)
    }

    @Test("Celery's default queue has one binding, and names are escaped in patterns")
    func names() throws {
        #expect(TopologyPlan(queues: QueueCatalogue.celeryDefault.queues).bindings.map(\.routingKey) == ["celery"])
        #expect(try plan("queues: {\"a.b+c\": {}}").policies.first?.pattern == "^a\\.b\\+c$")
    }

    @Test("Only type and priority are arguments; all else is policy")
    func kinds() throws {
        let plan = try plan(
            """
            queues:
              q: {replication: quorum, max_deliveries: 9, message_ttl: 90}
              short: {type: quorum, max_length: 10}
              p: {max_priority: 10, dead_letter: false}
              m: {replication: mirrored}
            """
        )
        let arguments = Dictionary(uniqueKeysWithValues: plan.queues.map { ($0.name, $0.arguments) })
        #expect(arguments["q"] == ["x-queue-type": .string("quorum")])
        #expect(arguments["q.dead"] == ["x-queue-type": .string("quorum")])
        #expect(arguments["p"] == ["x-max-priority": .integer(10)])
        #expect(arguments["p.dead"] == nil)
        #expect(arguments["m"] == [:])
        let policies = Dictionary(uniqueKeysWithValues: plan.policies.map { ($0.name, $0.definition) })
        #expect(
            policies["chard-q"] == [
                "dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("q.dead"),
                "dead-letter-strategy": .string("at-least-once"), "overflow": .string("reject-publish"),
                "delivery-limit": .integer(36), "message-ttl": .integer(90000),
            ]
        )
        #expect(policies["chard-short"]?["overflow"] == nil)
        #expect(policies["chard-short"]?["delivery-limit"] == .integer(20))
        #expect(policies["chard-p"] == nil)
        #expect(policies["chard-m"]?["ha-mode"] == .string("all"))
        #expect(policies["chard-m.dead"] == ["ha-mode": .string("all"), "ha-sync-mode": .string("automatic")])
    }

    @Test("A version decides what can be asked for")
    func versions() throws {
        let yaml = "queues: {m: {replication: mirrored}, q: {type: quorum}, t: {time_limit: 1h, prefetch: 8}}"
        let four = try plan(yaml, version: RabbitMQVersion(4, 0))
        #expect(four.policies.first { $0.name == "chard-m" }?.definition["ha-mode"] == nil)
        #expect(
            four.notes
                == ["queue m: RabbitMQ 4.0.0 has no mirrored queues; write replication: quorum, on a new queue"]
        )
        #expect(four.policies.last?.definition["consumer-timeout"] == .integer(7_200_000))
        let old = try plan(yaml, version: RabbitMQVersion(3, 9, 3))
        #expect(old.policies.last?.definition["consumer-timeout"] == nil)
        #expect(old.policies.first { $0.name == "chard-q" }?.definition["dead-letter-strategy"] == nil)
        let unknown = try plan(yaml, version: nil)
        #expect(unknown.policies.first?.definition["ha-mode"] == .string("all"))
        #expect(unknown.policies.last?.definition["consumer-timeout"] == nil)
    }

    @Test(
        "Versions",
        arguments: [
            ("3.10.8", RabbitMQVersion(3, 10, 8)), ("4.1", RabbitMQVersion(4, 1)),
            ("4.3.0-rc.1", RabbitMQVersion(4, 3)),
        ]
    )
    func version(text: String, version: RabbitMQVersion) {
        #expect(RabbitMQVersion(text) == version)
    }

    @Test("What is no version", arguments: ["", "4", "x.y", ".", "99999999999999999999.1"])
    func noVersion(text: String) {
        #expect(RabbitMQVersion(text) == nil)
    }

    /// The state of a broker on which the plan was applied.
    private func applied(_ plan: TopologyPlan) -> TopologyState {
        var state = TopologyState()
        state.exchanges = plan.exchanges.map { .init(name: $0.name, type: $0.type) }
        state.queues = plan.queues.map { queue in
            let policy = plan.policies.first { $0.name == "chard-\(queue.name)" }
            return .init(
                name: queue.name,
                arguments: queue.arguments.mapValues { JSONValue($0) },
                policy: policy?.name,
                effectivePolicy: policy?.definition ?? [:]
            )
        }
        state.bindings = plan.bindings.map {
            .init(source: $0.exchange, destination: $0.queue, routingKey: $0.routingKey)
        }
        state.policies = plan.policies
        return state
    }

    @Test("After applying nothing differs; before, everything is missing")
    func same() throws {
        let plan = try plan("queues: {q: {type: quorum}, p: {max_priority: 3}, c: {routing_key: k}}")
        #expect(TopologyDiff(plan: plan, found: applied(plan)).isEmpty)
        let empty = TopologyDiff(plan: plan, found: TopologyState()).differences
        #expect(empty.allSatisfy { $0.kind == .missing })
        #expect(empty.count == plan.exchanges.count + plan.queues.count + plan.bindings.count + plan.policies.count)
    }

    @Test("Each difference in words")
    func differences() throws {
        let plan = try plan("queues: {a: {}, b: {}}")
        var found = applied(plan)
        found.exchanges[0].type = "topic"
        found.exchanges[1].durable = false
        found.bindings.removeLast()
        found.queues.removeAll { $0.name == "a.dead" }
        for index in found.queues.indices where found.queues[index].name == "b" {
            found.queues[index].arguments = ["x-max-priority": .integer(5), "x-queue-type": .string("classic")]
            found.queues[index].durable = false
            found.queues[index].autoDelete = true
            found.queues[index].policy = "ha-all"
            found.queues[index].effectivePolicy = ["ha-mode": .string("all")]
        }
        found.policies[0].definition["message-ttl"] = .integer(1)
        found.policies.append(.init(name: "chard-gone", pattern: "x", definition: [:]))
        found.policies.append(.init(name: "ha-all", pattern: ".*", definition: ["ha-mode": .string("all")]))
        #expect(
            TopologyDiff(plan: plan, found: found).differences.map(\.description) == [
                "different exchange a: its type is topic, not direct; clients that declare it fail",
                "different exchange b: it is not durable: it is gone when the broker restarts",
                "missing queue a.dead: dead letters of a would be lost",
                "different queue b: it is not durable: messages are gone when the broker restarts",
                "different queue b: it is deleted with its last consumer",
                "different queue b: it has the arguments x-max-priority=5, the settings say -",
                "missing binding b → b: routing key b",
                "different policy chard-a: it says dead-letter-exchange=\"\", dead-letter-routing-key=a.dead, message-ttl=1, not "
                    + "dead-letter-exchange=\"\", dead-letter-routing-key=a.dead",
                "different queue b: policy ha-all rules it instead of chard-b, and lacks dead-letter-exchange=\"\", "
                    + "dead-letter-routing-key=b.dead",
                "leftover policy chard-gone: rabbitmqctl clear_policy chard-gone, if no other worker needs it",
            ]
        )
    }
}
