import Connections
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Settings: file, environment and command line")
struct ConfigurationLayerTests {
    @Test("Without a file there is Celery's default queue")
    func celeryDefault() throws {
        let settings = try configuration(nil)
        #expect(settings.file == nil)
        #expect(settings.consumedQueues.map(\.name) == ["celery"])
        let queue = try #require(settings.consumedQueues.first)
        #expect(queue.exchange == "celery")
        #expect(queue.routingKey == "celery")
        #expect(queue.concurrency == 8)
        #expect(queue.prefetch == 64)
        #expect(settings.broker.urls == [BrokerURL()])
        #expect(settings.resultBackend.url == nil)
    }

    @Test("A full file is read into values")
    func everything() throws {
        let settings = try configuration(
            """
            broker: {urls: ["amqp://a", "amqp://b/v"], heartbeat: 10, failover: shuffle, publish_timeout: 1m}
            result_backend: {url: "redis://:pw@r/3", expires: none, key_prefix: app_, extended: yes, timeout: 500ms}
            management: {url: "http://u:p@m:1/rabbit/api/"}
            worker: {hostname: w@%h, grace_period: 2m, log_level: WARN, concurrency: 20, accept_content: [json, msgpack],
              max_body_size: 64 MiB, task_events: true}
            defaults: {queue: inbox, concurrency: 4, retry: {max_retries: none, backoff: 3}, time_limit: 1h}
            queues:
              one:
                routes: a.*
                delivery: at-most-once
                max_deliveries: 2
                time_limit: none
                soft_time_limit: 1.5
                max_priority: 10
                message_ttl: 1d
                max_length: 1000
                dead_letter: false
                retry: {jitter: no}
              two:
            tasks:
              a.b: {queue: two, rate_limit: 100/m, time_limit: none, soft_time_limit: 3, blocking: true, ignore_result: true}
              "a.*": {rate_limit: none, retry: {max_retries: 0}}
            """
        )
        #expect(settings.broker.urls == [try BrokerURL("amqp://a"), try BrokerURL("amqp://b/v")])
        #expect(settings.broker.heartbeat == 10)
        #expect(settings.broker.failover == .shuffle)
        #expect(settings.broker.publishTimeout == .seconds(60))
        #expect(settings.resultBackend.url?.database == 3)
        #expect(settings.resultBackend.expires == nil)
        #expect(settings.resultBackend.keyPrefix == "app_")
        #expect(settings.resultBackend.extended)
        #expect(settings.resultBackend.timeout == .milliseconds(500))
        #expect(settings.management.url?.basePath == "rabbit")
        #expect(settings.worker.gracePeriod == .seconds(120))
        #expect("\(settings.worker.logLevel)" == "warning")
        #expect(settings.worker.maxBodySize == 64 << 20)
        #expect(settings.worker.taskEvents)
        let one = try #require(settings.catalogue["one"])
        #expect(one.delivery == .atMostOnce)
        #expect(one.timeLimit == nil)
        #expect(one.softTimeLimit == .milliseconds(1500))
        #expect(one.retry.maxRetries == nil)
        #expect(one.retry.backoff == [.seconds(3)])
        #expect(!one.retry.jitter)
        #expect(one.maxPriority == 10)
        #expect(one.messageTTL == .seconds(86400))
        #expect(!one.deadLetter)
        #expect(one.concurrency == 4)
        let two = try #require(settings.catalogue["two"])
        #expect(two.timeLimit == .seconds(3600))
        #expect(two.routingKey == "two")
        #expect(settings.catalogue.defaultQueue.name == "inbox")
        let task = try #require(settings.catalogue.settings(forTask: "a.b"))
        #expect(task.rateLimit?.value?.perSecond == 100.0 / 60)
        #expect(task.timeLimit == .off)
        #expect(task.blocking == true)
        let other = try #require(settings.catalogue.settings(forTask: "a.c"))
        #expect(other.rateLimit == .off)
        #expect(other.retry.maxRetries == .on(0))
    }

    @Test("The environment wins over the file, the command line over both")
    func layers() throws {
        let file = """
            broker: {urls: [amqp://file]}
            worker: {concurrency: 1}
            defaults: {time_limit: 10}
            queues: {my-queue: {concurrency: 2}, b: {}}
            """
        let environment = [
            "CELERY_BROKER_URL": "amqp://env1;amqp://env2", "CELERY_RESULT_BACKEND": "redis://env/1",
            "CHARD_WORKER_CONCURRENCY": "3", "CHARD_QUEUES_MY_QUEUE_CONCURRENCY": "4",
            "CHARD_MANAGEMENT_URL": "http://m",
            "CHARD_QUEUES_B_ROUTES": "x.*, y", "CHARD_WORKER_LOG_LEVEL": "",
        ]
        var overrides = ConfigurationOverrides()
        let fromEnvironment = try configuration(file, environment: environment)
        #expect(fromEnvironment.broker.urls.map(\.host) == ["env1", "env2"])
        #expect(fromEnvironment.resultBackend.url?.database == 1)
        #expect(fromEnvironment.worker.concurrency == 3)
        #expect(fromEnvironment.catalogue["my-queue"]?.concurrency == 4)
        #expect(fromEnvironment.catalogue["b"]?.concurrency == 3)
        #expect(fromEnvironment.catalogue["b"]?.routes.map(\.text) == ["x.*", "y"])
        #expect(fromEnvironment.management.url?.host == "m")
        #expect("\(fromEnvironment.worker.logLevel)" == "info")

        overrides.broker = "amqp://cli"
        overrides.concurrency = 7
        overrides.timeLimit = "5m"
        overrides.prefetchMultiplier = 2
        overrides.logLevel = "FATAL"
        let fromCommandLine = try configuration(file, environment: environment, overrides: overrides)
        #expect(fromCommandLine.broker.urls.map(\.host) == ["cli"])
        #expect(fromCommandLine.worker.concurrency == 7)
        #expect(fromCommandLine.catalogue["b"]?.timeLimit == .seconds(300))
        #expect(fromCommandLine.catalogue["my-queue"]?.prefetch == 8)
        #expect("\(fromCommandLine.worker.logLevel)" == "critical")
    }

    @Test("-c and --prefetch-multiplier shape a queue that says nothing")
    func window() throws {
        var overrides = ConfigurationOverrides()
        overrides.concurrency = 100
        #expect(try configuration(nil, overrides: overrides).consumedQueues.first?.prefetch == 100)
        overrides.prefetchMultiplier = 4
        #expect(try configuration(nil, overrides: overrides).consumedQueues.first?.prefetch == 400)
        overrides.prefetchMultiplier = 0
        #expect(try configuration(nil, overrides: overrides).consumedQueues.first?.prefetch == 0)
    }

    @Test("-Q chooses, makes unknown queues as Celery does, and -X leaves out")
    func selection() throws {
        var overrides = ConfigurationOverrides()
        overrides.queues = "training, other,training"
        var settings = try configuration(fourQueues, overrides: overrides)
        #expect(settings.consumedQueues.map(\.name) == ["training", "other"])
        #expect(settings.consumedQueues.last?.routingKey == "other")
        #expect(settings.catalogue["other"] == nil)
        overrides.queues = nil
        overrides.excludeQueues = "training,health,nope"
        settings = try configuration(fourQueues, overrides: overrides)
        #expect(settings.consumedQueues.map(\.name) == ["inference", "processing"])
        #expect(settings.warnings == ["excluded queue \"nope\" is not among those consumed"])

        overrides.excludeQueues = "inference,training,health,processing"
        #expect(
            problems(fourQueues, overrides: overrides) == [
                "queues.yaml: worker.exclude_queues: no queue is left to consume"
            ]
        )
        overrides.excludeQueues = nil
        overrides.queues = "infrence"
        #expect(
            try configuration(fourQueues, overrides: overrides).warnings
                == ["queue \"infrence\" is not in the settings and is made; did you mean \"inference\"?"]
        )
        #expect(
            problems("worker: {create_missing_queues: false}\n" + fourQueues, overrides: overrides)
                == [
                    "--queues: unknown queue \"infrence\", and create_missing_queues is false; did you mean \"inference\"?"
                ]
        )
    }

    @Test("Odd but harmless settings are warnings")
    func warnings() throws {
        let settings = try configuration(
            "queues: {a: {replication: mirrored}, b: {message_ttl: 5}}\nbroker: {tls: {verify: false}}",
            environment: [
                "CHARD_WORKR_CONCURRENCY": "1", "CHARD_TEST_X": "1", "CHARD_CONFIG": "x",
                "CELERY_BROKER_URL": "amqp://h?frame_max=1",
            ]
        )
        #expect(
            settings.warnings == [
                "amqp://guest:**@h:5672//: ignored parameters: frame_max",
                "broker.tls is set, but no broker URL is amqps://",
                "queue a: mirroring exists in RabbitMQ up to 3.13 only; later versions need quorum",
                "no management.url is set, so policies must be set by hand for: a, b",
                "environment variable CHARD_WORKR_CONCURRENCY is no setting; did you mean CHARD_WORKER_CONCURRENCY?",
            ]
        )
        #expect(settings.broker.tls.verifiesHostname == false)
    }

    @Test("The file is found by option, variable or its usual name")
    func fileLookup() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("chard-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try WorkerConfiguration.load(environment: [:], directory: directory).file == nil)
        let usual = "\(directory)/queues.yaml"
        let other = "\(directory)/other.yaml"
        try Data("queues: {usual: {}}".utf8).write(to: URL(fileURLWithPath: usual))
        try Data("queues: {other: {}}".utf8).write(to: URL(fileURLWithPath: other))
        #expect(
            try WorkerConfiguration.load(environment: [:], directory: directory).consumedQueues.map(\.name) == ["usual"]
        )
        let named = try WorkerConfiguration.load(environment: ["CHARD_CONFIG": other], directory: directory)
        #expect(named.file == other)
        var overrides = ConfigurationOverrides()
        overrides.file = "\(directory)/missing.yaml"
        let error = #expect(throws: ConfigurationError.self) {
            try WorkerConfiguration.load(
                overrides: overrides,
                environment: ["CHARD_CONFIG": other],
                directory: directory
            )
        }
        #expect(
            error?.description == "--config: \(directory)/missing.yaml can't be read: no such file, or no permission"
        )
        overrides.file = directory
        #expect(throws: ConfigurationError.self) {
            try WorkerConfiguration.load(overrides: overrides, environment: [:])
        }
    }

    @Test("The queues.yaml that ships is accepted as it is")
    func shippedFile() throws {
        let path = #filePath.replacing(
            "Tests/CeleryWorkerTests/Configuration/ConfigurationLayerTests.swift",
            with: "queues.yaml"
        )
        var overrides = ConfigurationOverrides()
        overrides.file = path
        let settings = try WorkerConfiguration.load(overrides: overrides, environment: [:])
        #expect(settings.warnings.isEmpty)
        #expect(settings.catalogue.queues.map(\.name) == ["inference", "health", "processing", "training"])
        #expect(settings.catalogue.queues.map(\.priority) == [10, 8, 5, 3])
        #expect(
            settings.catalogue.queues.map(\.routingKey) == [
                "ai.inference", "system.health", "data.proc", "ai.training",
            ]
        )
        #expect(settings.catalogue.queue(forTask: "data.processing.checksum").name == "processing")
    }

    @Test("Every setting has its own environment variable")
    func variables() {
        let sections: [(String, [ConfigKey])] = [
            ("broker", ConfigKeys.Broker.all), ("broker.tls", ConfigKeys.TLS.all),
            ("result_backend", ConfigKeys.ResultBackend.all), ("management", ConfigKeys.Management.all),
            ("worker", ConfigKeys.Worker.all), ("defaults", ConfigKeys.Queue.defaults),
            ("queues.q", ConfigKeys.Queue.perQueue), ("tasks.t", ConfigKeys.Task.all),
            ("defaults.retry", ConfigKeys.Retry.all),
        ]
        let names = sections.flatMap { path, keys in
            keys.filter(\.isScalar).map { $0.environment ?? ConfigKeys.environmentName(of: "\(path).\($0.name)") }
        }
        #expect(Set(names).count == names.count)
        #expect(ConfigKeys.environmentName(of: "queues.my-queue.é") == "CHARD_QUEUES_MY_QUEUE__")
    }
}
