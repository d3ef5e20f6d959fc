import Testing

@testable import CeleryWorker

@Suite("Settings: what is refused, and with which words")
struct ConfigurationProblemTests {
    @Test(
        "One wrong setting, one line",
        arguments: [
            ("quues: {}", "queues.yaml:1: quues: unknown key; did you mean \"queues\"?"),
            (
                "queues:\n  inference:\n    concurency: 3",
                "queues.yaml:3: queues.inference.concurency: unknown key; did you mean \"concurrency\"?"
            ),
            ("management: {xyz: 1}", "queues.yaml:1: management.xyz: unknown key; known: url, timeout"),
            ("broker: 5", "queues.yaml:1: broker: must be a map of settings"),
            ("- a", "queues.yaml:1: must be a map of settings"),
            ("queues: {a: [1]}", "queues.yaml:1: queues.a: must be a map of settings"),
            (
                "queues: {}",
                "queues.yaml:1: queues: must name at least one queue; leave it out for Celery's default queue"
            ),
            ("worker:\n  concurrency: {a: 1}", "queues.yaml:2: worker.concurrency: must be a single value, not a map"),
            ("worker: {concurrency: [1]}", "queues.yaml:1: worker.concurrency: must be a single value, not a list"),
            (
                "worker: {concurrency: 0}",
                "queues.yaml:1: worker.concurrency: must be a whole number from 1 to 65535, not \"0\""
            ),
            (
                "defaults: {retry: {max_retries: many}}",
                "queues.yaml:1: defaults.retry.max_retries: must be a whole number from 0 to 10000, or none, not \"many\""
            ),
            (
                "queues: {a: {max_length: -1}}",
                "queues.yaml:1: queues.a.max_length: must be a whole number of at least 1, or none, not \"-1\""
            ),
            (
                "worker: {grace_period: 30x}",
                "queues.yaml:1: worker.grace_period: must be a duration: seconds, or a number with ms, s, m, h or d "
                    + "such as 30s, not \"30x\""
            ),
            (
                "worker: {grace_period: nan}",
                "queues.yaml:1: worker.grace_period: must be a duration: seconds, or a number with ms, s, m, h or d "
                    + "such as 30s, not \"nan\""
            ),
            ("worker: {grace_period: -1}", "queues.yaml:1: worker.grace_period: must be from 0s to 30d, not \"-1\""),
            ("worker: {task_events: maybe}", "queues.yaml:1: worker.task_events: must be true or false, not \"maybe\""),
            (
                "worker: {log_level: warnign}",
                "queues.yaml:1: worker.log_level: unknown level \"warnign\"; did you mean \"warning\"?"
            ),
            (
                "worker: {max_body_size: 1 PB}",
                "queues.yaml:1: worker.max_body_size: must be a size such as 64MiB, 1024 to 2147483648 bytes, not \"1 PB\""
            ),
            (
                "worker: {accept_content: [pickle]}",
                "queues.yaml:1: worker.accept_content: pickle is refused, because unpacking it can run any code; "
                    + "let clients send json"
            ),
            (
                "worker: {accept_content: [jsn]}",
                "queues.yaml:1: worker.accept_content: unknown serializer \"jsn\"; did you mean \"json\"?"
            ),
            (
                "queues: {a: {delivery: once}}",
                "queues.yaml:1: queues.a.delivery: must be at_least_once or at_most_once, not \"once\""
            ),
            (
                "queues: {a: {type: qorum}}",
                "queues.yaml:1: queues.a.type: must be classic or quorum, not \"qorum\"; did you mean \"quorum\"?"
            ),
            (
                "queues: {a: {concurrency: 8, prefetch: 4}}",
                "queues.yaml:1: queues.a.prefetch: must be at least the concurrency, 8, or slots stay idle; not 4"
            ),
            (
                "queues: {a: {soft_time_limit: 60, time_limit: 1m}}",
                "queues.yaml:1: queues.a.time_limit: must be longer than soft_time_limit, but 1m is not longer than 1m"
            ),
            (
                "queues: {a: {type: quorum, max_priority: 5}}",
                "queues.yaml:1: queues.a.max_priority: quorum queues have no max_priority; write type: classic, or "
                    + "max_priority: none"
            ),
            (
                "defaults: {max_priority: 5}\nqueues:\n  a: {replication: quorum, max_priority: none}\n  b:\n    type: quorum",
                "queues.yaml:5: queues.b.type: quorum queues have no max_priority; write type: classic, or max_priority: none"
            ),
            (
                "queues: {a: {type: quorum, replication: mirrored}}",
                "queues.yaml:1: queues.a.replication: only classic queues can be mirrored; write replication: quorum"
            ),
            (
                "queues: {a: {type: classic, replication: quorum}}",
                "queues.yaml:1: queues.a.type: classic queues can't be replicated by quorum; write type: quorum or "
                    + "replication: mirrored"
            ),
            ("queues: {amq.x: {}}", "queues.yaml:1: queues.amq.x: names that start with amq. belong to RabbitMQ"),
            (
                "queues:\n  a: {}\n  a.dead: {}",
                "queues.yaml:3: queues.a.dead: this is the dead-letter queue of a, which needs no entry; choose another name"
            ),
            (
                "queues:\n  a: {routes: [x.*]}\n  b: {routes: [x.*]}",
                "queues.yaml:3: queues.b.routes: route \"x.*\" belongs to queue a already; a task can go to one queue only"
            ),
            ("queues: {a: {routes: [x, x]}}", "queues.yaml:1: queues.a.routes: route \"x\" stands here twice"),
            (
                "queues:\n  a: {routes: [x.*]}\n  b: {routes: [x.y.*]}",
                "queues.yaml:3: queues.b.routes: route \"x.y.*\" is never reached, because \"x.*\" of queue a matches first; "
                    + "put b above a"
            ),
            (
                "queues: {inference: {}}\ntasks:\n  t:\n    queue: inferense",
                "queues.yaml:4: tasks.t.queue: unknown queue \"inferense\"; did you mean \"inference\"?"
            ),
            (
                "tasks: {t: {rate_limit: 5/d}}",
                "queues.yaml:1: tasks.t.rate_limit: must be a rate such as 10/s, 100/m or 1000/h, or none, not \"5/d\""
            ),
            (
                "tasks: {t: {soft_time_limit: 5, time_limit: 5}}",
                "queues.yaml:1: tasks.t.time_limit: must be longer than soft_time_limit, 5s"
            ),
            (
                "broker:\n  heartbeat: 5\n  heartbeat: 6",
                "queues.yaml:3: broker.heartbeat: duplicate key; it is already set on line 2"
            ),
            (
                "\"queues\": {a: {}}\n\"queues\": {b: {}}",
                "queues.yaml:2: queues: duplicate key; it is already set on line 1"
            ),
            (
                "broker: {url: amqp://a, urls: [amqp://b]}",
                "queues.yaml:1: broker.urls: give either url or urls, not both"
            ),
            ("broker: {tls: {key: /dev/null}}", "queues.yaml:1: broker.tls.key: needs certificate as well"),
            ("broker: {tls: {ca: /no/such.pem}}", "queues.yaml:1: broker.tls.ca: no readable file \"/no/such.pem\""),
            (
                "broker:\n  urls:\n    - amqp://ok\n    - http://u:secret@h",
                "queues.yaml:4: broker.urls: http://u:**@h: unknown scheme \"http\" for a broker; use amqp:// or amqps:// (RabbitMQ)"
            ),
            (
                "result_backend: {url: \"rediss://:secret@h/0\"}",
                "queues.yaml:1: result_backend.url: rediss://:**@h/0: Redis over TLS is not supported, because Debian's hiredis "
                    + "is built without it; use redis:// on a trusted network, or redis://localhost through stunnel"
            ),
            (
                "a: [1",
                "queues.yaml:2: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence that "
                    + "began on line 1)"
            ),
            (
                "a: 1\n---\nb: 2",
                "queues.yaml:2: not valid YAML: but found another document (expected a single document in the "
                    + "stream that began on line 1)"
            ),
        ]
    )
    func one(yaml: String, problem: String) {
        #expect(problems(yaml) == [problem])
    }

    @Test("All problems are reported at once: command line, environment, then by line")
    func all() {
        var overrides = ConfigurationOverrides()
        overrides.concurrency = -1
        overrides.broker = "amqp://u:secret@h:99999"
        let found = problems(
            """
            queues:
              a: {priority: 300}
              a: {priority: 1}
              b: {typ: quorum}
            broker: {heartbeat: often}
            tasks: {x: {queue: c}}
            """,
            environment: ["CHARD_QUEUES_B_PREFETCH": "lots", "CELERY_RESULT_BACKEND": "memcached://x"],
            overrides: overrides
        )
        #expect(
            found == [
                "--broker: amqp://u:**@h:99999: the port must be a number from 1 to 65535",
                "CELERY_RESULT_BACKEND: memcached://x: unknown scheme \"memcached\" for a result backend; use "
                    + "redis://host:6379/0 or redis+socket:///path",
                "--concurrency: must be a whole number from 1 to 65535, not \"-1\"",
                "CHARD_QUEUES_B_PREFETCH: must be a whole number from 0 to 65535, not \"lots\"",
                "queues.yaml:3: queues.a: duplicate key; it is already set on line 2",
                "queues.yaml:4: queues.b.typ: unknown key; did you mean \"type\"?",
                "queues.yaml:5: broker.heartbeat: must be a whole number from 0 to 3600, not \"often\"",
                "queues.yaml:6: tasks.x.queue: unknown queue \"c\"; known: a, b, celery",
            ]
        )
    }

    @Test("Null and an empty section mean what is inherited; << merges")
    func nothing() throws {
        #expect(problems("broker:\nqueues:\nworker: ~\ntasks: {}\n") == [])
        #expect(problems("") == [])
        #expect(problems("# nothing") == [])
        let merged = try configuration(
            "queues:\n  a: &base {priority: 9, concurrency: 2}\n  b: {<<: *base, priority: 1}"
        )
        #expect(merged.catalogue["b"]?.priority == 1)
        #expect(merged.catalogue["b"]?.concurrency == 2)
    }

    @Test("Hostile files end in a problem, not in a crash")
    func hostile() {
        let deep = String(repeating: "[", count: 20000)
        let bombs =
            "a: &a [x,x]\n"
            + (1...26).map { "k\($0): &b\($0) [*\($0 == 1 ? "a" : "b\($0 - 1)")]" }.joined(separator: "\n")
        let large = String(repeating: "#", count: 2 << 20)
        let duplicates = String(repeating: "a: 1\n", count: 150)
        for text in [
            deep, bombs, large, duplicates, "\u{0}", "a: \u{7}", "? [a]\n: b", "{[a]: b}", "&a a: *a", "*x", "!!map x",
        ] {
            #expect(!problems(text).isEmpty)
        }
    }
}
