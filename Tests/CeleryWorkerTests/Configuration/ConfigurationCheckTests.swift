import Connections
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Check: judgement of facts")
struct ConfigurationCheckTests {
    private func lines(_ findings: [SettingsCheck.Finding]) -> [String] {
        findings.map { "\($0.level.rawValue) \($0.subject): \($0.text)" }
    }

    @Test("Queues: missing, without consumer, with dead letters")
    func queues() throws {
        var queue = QueueSettings(name: "q")
        #expect(
            lines(SettingsCheck.queue(queue, status: nil, dead: nil))
                == ["note queue q: not there yet; a worker or `chard topology apply` makes it"]
        )
        #expect(
            lines(
                SettingsCheck.queue(
                    queue,
                    status: .init(messages: 3, consumers: 0),
                    dead: .init(messages: 2, consumers: 0)
                )
            )
                == [
                    "problem queue q: 3 waiting and no consumer; start `chard worker -Q q`",
                    "problem queue q.dead: 2 dead letters; each tells its reason in the header x-chard-reason",
                ]
        )
        #expect(
            lines(
                SettingsCheck.queue(
                    queue,
                    status: .init(messages: 0, consumers: 0),
                    dead: .init(messages: 0, consumers: 0)
                )
            )
                == ["note queue q: no consumer; start `chard worker -Q q`"]
        )
        queue.deadLetter = false
        #expect(
            lines(
                SettingsCheck.queue(
                    queue,
                    status: .init(messages: 1, consumers: 1),
                    dead: .init(messages: 7, consumers: 0)
                )
            )
                == ["ok queue q: 1 waiting, 1 consumer"]
        )
    }

    @Test("Arguments that clients must know")
    func declarations() {
        var found = TopologyState()
        found.queues = [
            .init(name: "plain", arguments: ["x-queue-type": .string("classic")]),
            .init(name: "c", arguments: ["x-queue-type": .string("quorum"), "x-message-ttl": .integer(1500)]),
            .init(
                name: "d",
                durable: false,
                autoDelete: true,
                arguments: ["x-max-priority": .integer(9), "x-y": .bool(true)]
            ),
            .init(name: "foreign", arguments: ["x-max-priority": .integer(9)]),
        ]
        let settings = ["plain", "c", "d"].map { QueueSettings(name: $0) }
        #expect(
            lines(SettingsCheck.declarations(settings, found: found)) == [
                "note queue c: Celery clients must set Queue('c', …, message_ttl=1.5); task_default_queue_type = 'quorum', or "
                    + "RabbitMQ refuses their declaration (406)",
                "note queue d: Celery clients must set Queue('d', …, auto_delete=True); Queue('d', …, durable=False); "
                    + "task_queue_max_priority = 9; Queue('d', …, queue_arguments={'x-y': True}), or RabbitMQ refuses their "
                    + "declaration (406)",
            ]
        )
    }

    @Test("Nodes: alarms and partitions")
    func nodes() throws {
        let json = """
            [{"name": "rabbit@a", "running": true, "mem_alarm": true, "mem_used": 4000000, "mem_limit": 3000000,
              "disk_free_alarm": true, "disk_free": 1000000, "disk_free_limit": 50000000, "partitions": ["rabbit@b"]},
             {"name": "rabbit@b", "running": false}]
            """
        let nodes = try JSONDecoder().decode([RabbitMQManagement.Node].self, from: Data(json.utf8))
        let findings = SettingsCheck.nodes(nodes)
        #expect(findings.count == 4)
        #expect(findings.allSatisfy { $0.level == .problem })
        #expect(findings.first?.text.contains("4 MB of 3 MB") == true)
        #expect(SettingsCheck.nodes([]).map(\.level) == [.ok])
    }

    @Test("Time limits against the broker's consumer_timeout")
    func consumerTimeouts() throws {
        let queues = try configuration("queues: {a: {time_limit: 5m, prefetch: 64}, b: {time_limit: 1m}, c: {}}")
            .catalogue.queues
        let by = { SettingsCheck.consumerTimeouts(queues, version: $0, hasPolicies: $1) }
        #expect(by(RabbitMQVersion(3, 13), true).map(\.level) == [.ok])
        #expect(by(RabbitMQVersion(3, 13), false).map(\.level) == [.note])
        #expect(by(RabbitMQVersion(3, 11), true).first?.text.contains("consumer_timeout = 2700000 or more") == true)
    }

    @Test(
        "Redis",
        arguments: [
            (
                "redis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", ["ok"],
                "7.0.15 answers"
            ),
            (
                "redis_version:7.0.15\r\nmaxmemory:100\r\nused_memory:10\r\nmaxmemory_policy:noeviction\r\n", ["ok"],
                "answers"
            ),
            ("redis_version:7.0.15\r\nmaxmemory:100\r\nmaxmemory_policy:volatile-lru\r\n", ["problem"], "volatile-lru"),
            ("redis_version:7.0.15\r\nmaxmemory:100\r\nused_memory:95\r\n", ["problem"], "raise maxmemory"),
            ("redis_version:3.2.1", ["problem"], "too old"),
            ("redis_version:6.2.0\nrole:slave\nmaster_host:m\nmaster_port:6379", ["problem"], "its master m:6379"),
            ("redis_version:6.2.0\nrdb_last_bgsave_status:err\nloading:1", ["problem", "problem"], "loading"),
            ("nonsense", ["ok"], "unknown"),
        ]
    )
    func redis(info: String, levels: [String], text: String) {
        let findings = SettingsCheck.redis(info: info, expires: .seconds(60))
        #expect(findings.map(\.level.rawValue) == levels)
        #expect(findings.first?.text.contains(text) == true)
    }

    @Test("Results that never expire are noted")
    func neverExpire() {
        #expect(SettingsCheck.redis(info: "redis_version:7.0", expires: nil).map(\.level) == [.ok, .note])
    }
}
